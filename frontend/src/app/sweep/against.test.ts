import { expect, test } from "vitest";

import { logarithmic, logTicks } from "../../math/scales-log";
import { axisOf, byRatio, linesAgainst, peakOf, referencesAgainst, thresholdOf } from "./against";
import { after, planned, variantsOf } from "./gathered";

function variants(rows: [number | string, string, number][]) {
  const all = planned(rows.map(([x, other], seed) => ({ values: [other, x], seed, sections: {} })));
  const news = rows.map(([, , loss], index) => ({
    index,
    state: Number.isFinite(loss) ? ("finished" as const) : ("diverged" as const),
    step: 9,
    series: { "test.loss": { steps: [9], values: [loss] } },
    surface: null,
    message: null,
  }));
  return variantsOf(after(all, news));
}

test("a numeric setting becomes an axis, the other setting a line for each of its values", () => {
  const found = variants([
    [100, "a", 1],
    [10, "a", 3],
    [10, "a", 5],
    [1, "a", Infinity],
    [1000, "b", 2],
  ]);
  expect(axisOf(found)).toBe(1);
  expect(linesAgainst(found, 1, "test.loss")).toEqual([
    {
      key: '["a"]',
      label: "a",
      points: [
        { x: 10, low: 3, middle: 4, high: 5 },
        { x: 100, low: 1, middle: 1, high: 1 },
      ],
    },
    { key: '["b"]', label: "b", points: [{ x: 1000, low: 2, middle: 2, high: 2 }] },
  ]);
  expect(
    axisOf(
      variants([
        [1, "a", 1],
        [2, "a", 1],
      ]),
    ),
  ).toBe(-1);
});

test("a peak stands between two descents", () => {
  const at = (values: number[]) => values.map((middle, x) => ({ x, low: middle, middle, high: middle }));
  expect(peakOf(at([5, 1, 3, 9, 2, 1]))?.x).toBe(3);
  expect(peakOf(at([5, 4, 3, 2]))).toBeNull();
  expect(peakOf(at([1, 2, 3, 4]))).toBeNull();
  expect(peakOf([])).toBeNull();
});

test("numbers that are far apart stand by their ratios, with round numbers at the axis", () => {
  expect([byRatio([1, 100], 20), byRatio([0, 100], 20), byRatio([5, 6], 20)]).toEqual([true, false, false]);
  expect(logarithmic([1, 100], [0, 10])(10)).toBe(5);
  expect(logarithmic([1, 100], [0, 10]).invert(5)).toBeCloseTo(10);
  expect(logTicks(20, 4000)).toEqual([20, 50, 100, 200, 500, 1000, 2000]);
  expect(logTicks(1e-4, 20)).toEqual([0.0001, 0.001, 0.01, 0.1, 1, 10]);
  expect(logTicks(31, 38)).toEqual([32, 34, 36, 38]);
});

test("classical models stand at the sizes that they were fitted at, in the measure of the curve", () => {
  const networks = planned([20, 20, 50].map((x, seed) => ({ values: [x], seed, sections: {} })));
  const told = (of: number[], accuracy: number) => ({
    type: "baseline" as const,
    networks: of,
    model: "Tree",
    values: { "test.accuracy": accuracy },
  });
  const fitted = [told([0], 0.5), told([1], 0.75), told([2], 0.875)];
  expect(referencesAgainst(fitted, networks, 0, "test.error")).toEqual([
    {
      label: "Tree",
      points: [
        { x: 20, low: 0.25, middle: 0.375, high: 0.5 },
        { x: 50, low: 0.125, middle: 0.125, high: 0.125 },
      ],
    },
  ]);
  expect(referencesAgainst(fitted, networks, 0, "test.loss")).toEqual([]);
});

test("the threshold is where there are as many weights as numbers to fit", () => {
  const widths = (values: number[], each: number) =>
    planned(values.map((x, seed) => ({ values: [x], seed, sections: {}, weights: each * x, numbers: 1000 })));
  expect(thresholdOf(widths([50, 100, 200], 10), 0)).toBe(100);
  expect(thresholdOf(widths([50, 150], 10), 0)).toBe(100);
  expect(thresholdOf(widths([50, 90], 10), 0)).toBeNull();
});

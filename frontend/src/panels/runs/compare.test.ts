import { expect, test } from "vitest";

import { commonCurves, extentOf, polyline, when } from "./compare";

const curve = (steps: number[], values: number[]): { steps: number[]; values: number[] } => ({ steps, values });

test("only curves that all have are compared", () => {
  const one = { run: "a", name: "A", series: { "train.loss": curve([1], [1]), "test.loss": curve([1], [2]) } };
  const two = { run: "b", name: "B", series: { "train.loss": curve([1], [1]) } };
  expect(commonCurves([one, two])).toEqual(["train.loss"]);
  expect(commonCurves([])).toEqual([]);
});

test("the axes hold every curve, and a flat one has room", () => {
  expect(extentOf([curve([1, 10], [3, 1]), curve([5], [7])])).toEqual({ last: 10, low: 1, high: 7 });
  expect(extentOf([curve([2], [4])])).toEqual({ last: 2, low: 3.5, high: 4.5 });
  expect(extentOf([curve([], [])])).toBeNull();
});

test("points lie where their step and value say", () => {
  expect(polyline(curve([0, 10], [0, 2]), { last: 10, low: 0, high: 2 }, 100, 50)).toBe("0.0,50.0 100.0,0.0");
});

test("what is no date is shown as it is", () => {
  expect(when("some day")).toBe("some day");
  expect(when("2026-01-02T03:04:05+00:00")).toMatch(/\d/);
});

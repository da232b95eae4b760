import { expect, it } from "vitest";

import { asLine, curveBox, heights, placeAt, readCurvePoints, readRows, valueAlong, intervalOf } from "./curve";

const said = readRows(Float32Array.from([0.5, 1.5, 2.5, 3.5, 0, 0, 0, 0]), [2, 4], 0, 4);

it("reads rows and the places they stand at", () => {
  expect(said.rows.map((row) => [...row])).toEqual([
    [0.5, 1.5, 2.5, 3.5],
    [0, 0, 0, 0],
  ]);
  expect(placeAt(said, 0, 4)).toBe(0.5);
  expect(valueAlong(said, 0, 2)).toBeCloseTo(2, 6);
  expect(valueAlong(said, 0, 99)).toBe(3.5);
  expect(valueAlong(said, 7, 1)).toBeNaN();
  expect(asLine(said)).toEqual({ slope: 1, intercept: 0 });
  expect(asLine(readRows(null, [0, 0], 0, 1))).toBeNull();
});

it("gives the data room and keeps a network that runs away out of the way", () => {
  const points = readCurvePoints([0, -1, 1, 1]);
  expect(points).toEqual([
    { x: 0, value: -1 },
    { x: 1, value: 1 },
  ]);
  const wild = readRows(Float32Array.from([1e6, -1e6]), [1, 2], 0, 1);
  const [lo, hi] = heights(points, wild);
  expect(lo).toBeCloseTo(-2.24, 6);
  expect(hi).toBeCloseTo(2.24, 6);
  expect(heights([], null)).toEqual([-1, 1]);
  const flat = heights([{ x: 0, value: 0.3 }], null);
  expect(flat[0]).toBeLessThan(flat[1]);
});

it("draws upwards", () => {
  const box = curveBox(300, 200, [0, 4], [0, 1]);
  expect(box.y(1)).toBeLessThan(box.y(0));
  expect(box.x(4)).toBe(294);
});

it("takes three rows for a mean and the ends of an interval", () => {
  const rows = readRows(new Float32Array([1, 2, 0, 1, 2, 3]), [3, 2], 0, 1);
  expect(intervalOf(rows)).toEqual([new Float32Array([0, 1]), new Float32Array([2, 3])]);
  expect(intervalOf({ ...rows, rows: rows.rows.slice(0, 1) })).toBeNull();
});

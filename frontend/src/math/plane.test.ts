import { expect, it } from "vitest";

import {
  classLines,
  nearest,
  nextPoint,
  planeScale,
  reachOf,
  reachTable,
  readPoints,
  winners,
  zeroLine,
} from "./plane";
import { ZERO, makeTables } from "./tables";
import type { Values } from "./values";

const grid = (rows: number[][]): Values => ({
  shape: [rows.length, rows.length],
  axes: ["y", "x"],
  lo: -1,
  hi: 1,
  bytes: null,
  floats: Float32Array.from(rows.flat()),
});
const tables = makeTables({
  negative: "#0055cc",
  zero: "#fafafa",
  positive: "#ee7700",
  ink: "#111111",
  surface: "#fff",
});

it("draws the line where values pass through zero", () => {
  const upright = zeroLine(
    grid([
      [-1, 3],
      [-1, 3],
    ]),
    2,
  );
  expect(upright).toEqual([[0.75, 0.5, 0.75, 1.5]]);
  const corner = zeroLine(
    grid([
      [1, -1],
      [-1, -1],
    ]),
    2,
  );
  expect(corner).toEqual([[1, 0.5, 0.5, 1]]);
  const saddle = zeroLine(
    grid([
      [1, -1],
      [-1, 1],
    ]),
    2,
  );
  expect(saddle).toEqual([
    [1, 0.5, 1.5, 1],
    [1, 1.5, 0.5, 1],
  ]);
  expect(
    zeroLine(
      grid([
        [1, 1],
        [1, 1],
      ]),
      2,
    ),
  ).toEqual([]);
});

it("colours by a fixed reach, zero in the middle", () => {
  const table = reachTable(tables, -0.5, 0.5, 1);
  expect(table[0]).toBe(tables.signed[ZERO - 64 + 1] ?? 0);
  expect(reachTable(tables, 0, 2, 1)[255]).toBe(tables.signed[255]);
  expect(reachOf([0.5, -2, NaN])).toBe(2);
});

it("finds the point under the pointer", () => {
  const points = readPoints(Float32Array.from([0, 0, 1, 0.5, 6, 6, 0, -0.5]));
  expect(points[1]).toEqual({ x: 6, y: 6, target: 0, said: -0.5 });
  const scale = planeScale(-6, 6, 120);
  expect([scale.x(6), scale.y(6)]).toEqual([120, 0]);
  expect(nearest(points, scale, 63, 58, 8)).toBe(0);
  expect(nearest(points, scale, 118, 3, 8)).toBe(1);
  expect(nearest(points, scale, 90, 90, 8)).toBeNull();
});

it("finds the winner of several classes, and where one takes over from another", () => {
  // Two by two places, three classes: the first wins on the left, the second on the right.
  const shares = [0.8, 0.1, 0.8, 0.1, 0.1, 0.8, 0.1, 0.8, 0.1, 0.1, 0.1, 0.1];
  const values: Values = {
    shape: [3, 2, 2],
    axes: ["unit", "y", "x"],
    lo: 0,
    hi: 1,
    bytes: null,
    floats: Float32Array.from(shares),
  };
  const { winner, sure } = winners(values, 2);
  expect([...winner]).toEqual([0, 1, 0, 1]);
  expect(sure[0]).toBeCloseTo((0.8 * 3 - 1) / 2);
  expect(classLines(values, 2, winner)).toEqual([[1, 0.5, 1, 1.5]]);
});

it("goes from point to point by the arrow keys", () => {
  const at = (x: number, y: number) => ({ x, y, target: 0, said: 0 });
  const points = [at(0, 0), at(3, 0.1), at(1, 3), at(-2, 0)];
  const scale = planeScale(-5, 5, 100);
  const middle = { x: 50, y: 50 };
  expect(nextPoint(points, scale, middle, [1, 0])).toBe(1);
  expect(nextPoint(points, scale, middle, [-1, 0])).toBe(3);
  expect(nextPoint(points, scale, middle, [0, -1])).toBe(2);
  expect(nextPoint(points, scale, middle, [0, 1])).toBeNull();
});

import { expect, it } from "vitest";

import { nearest, planeScale, reachOf, reachTable, readPoints, zeroLine } from "./plane";
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

import { expect, it } from "vitest";

import { contours, depth, mapScale, readLandscape, readWays } from "./map";

const SIZE = 20;
const heights = Float32Array.from({ length: SIZE * SIZE }, (_, i) => {
  const [x, y] = [(i % SIZE) - 9.5, Math.floor(i / SIZE) - 9.5];
  return x * x + y * y;
});
const extra = { surface: "bowl", formula: "x² + y²", box: [-1, 1, -2, 2], start: [0.5, 0.5], minima: [[0, 0]] };
const map = readLandscape(heights, SIZE, extra);

it("reads a map, and nothing where there is none", () => {
  expect(map).toMatchObject({ surface: "bowl", size: SIZE, box: [-1, 1, -2, 2], start: [0.5, 0.5], minima: [[0, 0]] });
  expect(map?.lowest).toBe(0.5);
  expect(readLandscape(null, SIZE, extra)).toBeNull();
  expect(readLandscape(heights, SIZE, {})).toBeNull();
});

it("draws closed lines around the bottom of a bowl", () => {
  if (!map) throw new Error("no map");
  expect(depth(map)(map.lowest)).toBe(0);
  expect(depth(map)(Math.max(...heights))).toBeCloseTo(1, 5);
  const lines = contours(map);
  expect(lines).toHaveLength(14);
  expect(lines[7]?.length).toBeGreaterThan(8);
  const scale = mapScale(map, 100);
  expect([scale.x(-1), scale.x(1), scale.y(2), scale.y(-2)]).toEqual([0, 100, 0, 100]);
});

it("reads the ways of all lanes", () => {
  expect(readWays(Float32Array.from([0, 1, 2, 3, 4, 5, 6, 7]), [2, 2, 2])).toEqual([
    [
      { x: 0, y: 1 },
      { x: 2, y: 3 },
    ],
    [
      { x: 4, y: 5 },
      { x: 6, y: 7 },
    ],
  ]);
  expect(readWays(null, [])).toEqual([]);
});

import { expect, it } from "vitest";

import { readScatter, scatterAt, scatterBox, scatterHeight } from "./draw-scatter";

const points = readScatter(Float32Array.from([100, 120, 200, 180, 300, 300]));

it("gives both axes the same range", () => {
  const box = scatterBox(points, 248);
  expect(points).toHaveLength(3);
  expect(box.side).toBe(200);
  expect(box.x(90)).toBe(42);
  expect(box.y(310)).toBe(6);
  expect(box.x(200) - box.left).toBeCloseTo(box.bottom - box.y(200), 9);
  expect(box.ticks).toEqual([100, 150, 200, 250, 300]);
  expect(scatterHeight(box)).toBe(242);
});

it("finds the point under the pointer and lives without points", () => {
  const box = scatterBox(points, 248);
  expect(scatterAt(points, box, box.x(201), box.y(181))).toBe(1);
  expect(scatterAt(points, box, box.x(300), box.y(100))).toBeNull();
  expect(readScatter(null)).toEqual([]);
  expect(scatterBox([], 100).ticks.length).toBeGreaterThan(1);
});

import { expect, it } from "vitest";

import { reachOf, signedPixels } from "./pixels";

const table = Uint32Array.from({ length: 256 }, (_, i) => i);
const values = (floats: number[], shape: number[]) => ({
  shape,
  axes: [],
  lo: 0,
  hi: 0,
  bytes: null,
  floats: Float32Array.from(floats),
});

it("colours around zero, and no further than the reach", () => {
  const two = values([0, 1, -1, 9, NaN, -9, 0.5, 0], [2, 2, 2]);
  expect([...signedPixels(two, 0, 2, table)]).toEqual([128, 192, 65, 255]);
  expect([...signedPixels(two, 1, 1, table)]).toEqual([128, 1, 192, 128]);
  expect([...signedPixels(two, 0, 0, table)]).toEqual([128, 128, 128, 128]);
});

it("reaches as far as its largest number", () => {
  expect(reachOf(values([1, -3, NaN, 2], [4]))).toBe(3);
  expect(reachOf(values([], [0]))).toBe(0);
});

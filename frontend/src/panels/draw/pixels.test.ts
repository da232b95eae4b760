import { expect, it } from "vitest";

import { square, toBytes } from "./pixels";

const RGBA = new Uint8ClampedArray([255, 0, 0, 255, 10, 20, 30, 255]);

it("gives bytes with the channels last, grey as brightness", () => {
  expect([...toBytes(RGBA, 3)]).toEqual([255, 0, 0, 10, 20, 30]);
  expect([...toBytes(RGBA, 1)]).toEqual([76, 18]);
});

it("takes the middle of a picture", () => {
  expect(square(300, 100)).toEqual([100, 0, 100, 100]);
  expect(square(100, 300)).toEqual([0, 100, 100, 100]);
  expect(square(100, 100, 2)).toEqual([0, 25, 100, 50]);
});

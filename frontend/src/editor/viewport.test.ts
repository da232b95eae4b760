import { expect, test } from "vitest";

import { boxAround, fitted, zoomed } from "./viewport";

const window = { left: 16, top: 30, width: 800, height: 400 };

test("a network is shown as large as it fits, in the middle", () => {
  expect(fitted({ width: 1600, height: 400 }, window)).toEqual({ zoom: 0.5, x: 16, y: 30 + 100 });
  expect(fitted({ width: 400, height: 800, left: 100, top: 40 }, window)).toEqual({ zoom: 0.5, x: 266, y: 10 });
});

test("the middle stays where it is when one comes nearer, up to a bound", () => {
  expect(zoomed({ zoom: 1, x: 0, y: 0 }, 2, 800, 400)).toEqual({ zoom: 2, x: -400, y: -200 });
  expect(zoomed({ zoom: 2.9, x: 0, y: 0 }, 2, 800, 400).zoom).toBe(3);
});

test("zooming to what is selected takes the box around it", () => {
  const places = new Map([
    ["a", { x: 10, y: 20 }],
    ["b", { x: 200, y: 120 }],
    ["far", { x: 9000, y: 0 }],
  ]);
  const sizes = { a: { width: 100, height: 80 }, b: { width: 120, height: 60 }, far: { width: 100, height: 80 } };
  const arrangement = { places, turns: new Map<string, number>(), width: 0, height: 0 };
  expect(boxAround(["a", "b"], arrangement, sizes)).toEqual({ left: 10, top: 20, width: 310, height: 160 });
  expect(boxAround(["nowhere"], arrangement, sizes)).toBeNull();
});

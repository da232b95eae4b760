// @vitest-environment jsdom
import { beforeEach, expect, it } from "vitest";

import { keep, restore } from "./memory";

beforeEach(() => sessionStorage.clear());

it("outlives a reload", () => {
  const drawing = { strokes: [[[1, 2] as [number, number], [3, 4] as [number, number]]], centred: false, shown: true };
  keep(drawing);
  expect(restore()).toEqual(drawing);
});

it("ignores what is no drawing", () => {
  expect(restore()).toBeNull();
  sessionStorage.setItem("torchglass.drawing", "{");
  expect(restore()).toBeNull();
  sessionStorage.setItem("torchglass.drawing", JSON.stringify({ strokes: [[["a", 1]], [[1, 2]]] }));
  expect(restore()).toEqual({ strokes: [[[1, 2]]], centred: true, shown: false });
});

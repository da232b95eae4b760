import { expect, it } from "vitest";

import { alongWords, bounded, readCurves, readShift } from "./moved";

it("takes pictures, maps, layers and answers apart", () => {
  const extra = {
    picture: [1, 1, 2],
    map: [1, 1],
    by: [2, -1],
    classes: ["zero", "one"],
    layers: [{ node: "conv", numbers: 4, changed: 0.5, distance: 0.25, along: null }],
    answers: [{ name: "flat", classes: [0, 1], sure: [0.9, 0.6] }],
  };
  const found = readShift(extra, Float32Array.of(1, 2, 3, 4, 5, 6));
  expect(found).toEqual({
    picture: { sizes: [1, 1, 2], before: Float32Array.of(1, 2), after: Float32Array.of(3, 4) },
    map: { sizes: [1, 1, 1], before: Float32Array.of(5), after: Float32Array.of(6) },
    by: [2, -1],
    layers: [{ node: "conv", changed: 0.5, distance: 0.25, along: null }],
    answers: [{ name: "flat", before: "zero", after: "one", sure: [0.9, 0.6], same: false }],
  });
  expect(readShift(extra, Float32Array.of(1))).toBeNull();
});

it("has a curve for each network", () => {
  const values = Float32Array.of(0, 1, 0.5, 1, 0.75, 0.25);
  expect(readCurves({ networks: ["flat", "dense"] }, [2, 3], values)).toEqual([
    { name: "flat", values: [1, 0.75] },
    { name: "dense", values: [0.5, 0.25] },
  ]);
  expect(readCurves({}, [2, 3], null)).toEqual([]);
});

it("says what moves along, and keeps the picture in sight", () => {
  expect([null, 0, 0.31].map(alongWords)).toEqual(["–", "yes", "off by 31%"]);
  expect(bounded(99, -3, [1, 28, 28])).toEqual([14, -3]);
});

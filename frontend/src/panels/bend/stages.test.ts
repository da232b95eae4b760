import { expect, it } from "vitest";

import { lastHidden, placesAt, readBend } from "./stages";

/** A lattice of 2 × 2 and one point, at three depths: the plane, twice as wide and moved, on a line. */
const PLACES = [
  [-1, 1, 1, 1, -1, -1, 1, -1, 0, 0],
  [8, 2, 12, 2, 8, -2, 12, -2, 10, 0],
  [-3, 0, 3, 0, -3, 0, 3, 0, 0, 0],
];
const extra = {
  stages: [
    { node: "x", units: 2, kept: 1, cut: 0.5, border: null },
    { node: "h", units: 2, kept: 1, cut: 1, border: [1, 0, -11] },
    { node: "y", units: 1, kept: 1, cut: 1, border: null },
  ],
  grid: 2,
  labels: [1],
  classes: ["blue", "orange"],
};

it("brings every stage into the same square and goes evenly from one to the next", () => {
  const bend = readBend(extra, new Float32Array(PLACES.flat()), [3, 5, 2]);
  expect([...placesAt(bend, 0)]).toEqual(PLACES[0]);
  expect([...placesAt(bend, 1)]).toEqual(PLACES[0]);
  expect([...placesAt(bend, 1.5)]).toEqual([-1, 0.5, 1, 0.5, -1, -0.5, 1, -0.5, 0, 0]);
  expect([...placesAt(bend, 2)]).toEqual([-1, 0, 1, 0, -1, 0, 1, 0, 0, 0]);
  expect(lastHidden(bend)).toBe(1);
});

it("draws the border of the output unit in the stage that it reads", () => {
  const [plane, hidden] = readBend(extra, new Float32Array(PLACES.flat()), [3, 5, 2]).stages;
  expect(plane?.border).toBeNull();
  // h = 11 lies halfway between the middle, 10, and the right edge, 12.
  expect(hidden?.border?.map((end) => Number(end.toFixed(6)))).toEqual([0.5, 3, 0.5, -3]);
});

import { expect, it } from "vitest";

import { heading, METHODS, missing, noteOf, optionsOf, readAttribution } from "./attribution";

const settings = {
  target: "said",
  baseline: "black",
  steps: 0,
  noise: 0.1,
  samples: 9,
  layer: "",
  window: 5,
  stride: 2,
};
const extra = {
  method: "integrated",
  class: 1,
  said: 0,
  truth: 1,
  classes: ["cat", "dog"],
  score: 2,
  gain: 4,
  total: 3.9,
  unit: "of score",
  steps: 32,
};

it("asks each method only what it reads", () => {
  expect(optionsOf("gradient", settings)).toEqual({ method: "gradient", target: "said" });
  expect(optionsOf("smooth", { ...settings, target: "7" })).toEqual({
    method: "smooth",
    index: 7,
    noise: 0.1,
    samples: 9,
  });
  expect(optionsOf("grad_cam", settings)).toEqual({ method: "grad_cam", target: "said" });
  expect(optionsOf("grad_cam", { ...settings, layer: "conv1" })).toMatchObject({ layer: "conv1" });
  expect(METHODS.map((method) => Object.keys(optionsOf(method, settings)).length)).toEqual([2, 2, 4, 4, 2, 5]);
});

it("says what the numbers mean", () => {
  const one = readAttribution(extra);
  expect(missing(one)).toBeCloseTo(0.025);
  expect(missing({ total: 0, gain: 0 })).toBe(0);
  expect(heading(one)).toBe("What speaks for dog; it says cat; it is dog. Score of dog: 2.00.");
  expect(noteOf(one, String)).toBe("Sum +3.90 of +4.00: 2.5% off, in 32 steps");
  expect(noteOf({ ...one, method: "grad_cam", layer: "c", coarse: [7, 7] }, () => "Conv")).toBe("Conv, maps of 7×7");
  for (const method of METHODS) expect(noteOf({ ...one, method }, String)).not.toBe("");
});

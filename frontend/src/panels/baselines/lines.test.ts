import { expect, it } from "vitest";

import type { BaselineFitted } from "../../protocol/types";
import { box, networkCurve, squared, verdict } from "./lines";

const model = (name: string, score: number): BaselineFitted => ({
  type: "fitted",
  name,
  settings: "",
  score,
  training: 1,
  seconds: 0.1,
});
const curves = new Map([
  ["test.accuracy", { steps: [0, 10], values: [0.5, 0.9] }],
  ["test.loss", { steps: [0, 10], values: [2, 0.5] }],
]);

it("puts the network into the measure of the models", () => {
  expect(networkCurve({ measure: "accuracy", variance: null }, undefined, curves).map(({ score }) => score)).toEqual([
    0.5, 0.9,
  ]);
  const mse = { kind: "mse", config: {} };
  expect(networkCurve({ measure: "r2", variance: 1 }, mse, curves).map(({ score }) => score)).toEqual([-1, 0.5]);
  const half = { kind: "mse", config: { form: "textbook" } };
  expect(networkCurve({ measure: "r2", variance: 2 }, half, curves).at(-1)?.score).toBe(0.5);
  expect(networkCurve({ measure: "r2", variance: 1 }, { kind: "l1", config: {} }, curves)).toEqual([]);
  expect(squared(undefined)).toBeNull();
});

it("leaves room for every line and cuts a wild beginning off", () => {
  const made = box(300, 200, [{ step: 0, score: -40 }], [model("Tree", 0.2)]);
  expect(made.y.invert(made.bottom)).toBeGreaterThan(-0.6);
  expect(made.y(0.2)).toBeGreaterThan(made.top);
});

it("says who is ahead", () => {
  const fitted = [model("Tree", 0.2), model("Ridge regression", 0.5)];
  expect(verdict(0.505, fitted)).toContain("as good as");
  expect(verdict(0.9, fitted)).toContain("ahead of the best of them, ridge regression");
  expect(verdict(0.3, fitted)).toBe("Was a network needed? Ridge regression is ahead.");
  expect(verdict(undefined, fitted)).toBe("");
});

import { expect, test } from "vitest";

import type { Experiment } from "../protocol/types";
import { formsOf, inForm } from "./forms";

const node = (id: string, kind: string, config: Record<string, unknown>) => ({ id, kind, config });
const EXPERIMENT = {
  network: {
    nodes: [
      node("drop", "dropout", { p: 0.5 }),
      node("bend", "leaky_relu", { negative_slope: 0.01 }),
      node("wrong", "dropout", { form: "forgotten" }),
      node("dense", "linear", { out_features: 1 }),
    ],
    edges: [],
    parts: {},
  },
  recipe: { kind: "supervised", config: { loss: { kind: "mse", config: {} }, output: "dense" } },
  training: { form: "pytorch" },
} as unknown as Experiment;

test("one switch says which form runs", () => {
  expect(formsOf(EXPERIMENT)).toEqual({
    form: "pytorch",
    textbook: [],
    pytorch: ["momentum", "dropout", "leaky slope", "squared error"],
  });
});

test("the textbook's form writes every formula its way, and the leaky slope stays the same function", () => {
  const { network, recipe, changed } = inForm(EXPERIMENT, "textbook");
  expect(changed).toBe(true);
  expect(network.nodes.map(({ config }) => config)).toEqual([
    { p: 0.5, form: "textbook" },
    { negative_slope: 100, form: "textbook" },
    { form: "forgotten" },
    { out_features: 1 },
  ]);
  expect(recipe.config["loss"]).toEqual({ kind: "mse", config: { form: "textbook" } });
  // Momentum is not among them yet: it is a setting of the training.
  expect(formsOf({ ...EXPERIMENT, network, recipe }).form).toBeNull();
});

test("there and back again is where it began", () => {
  const there = { ...EXPERIMENT, ...inForm(EXPERIMENT, "textbook") };
  const back = inForm(there, "pytorch");
  expect(back.network.nodes[1]?.config).toEqual({ negative_slope: 0.01, form: "pytorch" });
  expect(inForm({ ...EXPERIMENT, ...back }, "pytorch").changed).toBe(false);
});

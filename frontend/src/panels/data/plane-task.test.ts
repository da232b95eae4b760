import { expect, it } from "vitest";

import { generatorOf, type Generator } from "../../math/generators";
import type { Experiment } from "../../protocol/types";
import { taskFor } from "./plane-task";

const experiment = {
  data: {
    kind: "circle",
    config: { count: 300, noise: 0.1 },
    batch_size: 10,
    by_hand: [{ split: "train", row: 1, gone: true, values: {} }],
  },
  network: {
    nodes: [
      { id: "input", kind: "input", config: { field: "point" }, label: null, tied: {} },
      { id: "output", kind: "linear", config: { out_features: 1 }, label: null, tied: {} },
    ],
    edges: [],
    parts: {},
  },
  recipe: {
    kind: "supervised",
    config: { output: "output", target: "label", loss: { kind: "binary_cross_entropy", config: {} } },
  },
} as unknown as Experiment;
const generator = (kind: string): Generator => generatorOf(kind) as Generator;

it("changes only the data where the task stays the same", () => {
  const task = taskFor(experiment, generator("moons"), 4);
  expect(task?.network).toBe(experiment.network);
  expect(task?.recipe).toEqual(experiment.recipe);
  expect(task?.data).toEqual({ kind: "moons", config: { count: 300, noise: 0.1 }, batch_size: 10, by_hand: [] });
});

it("gives several classes an output each, and numbers a distance", () => {
  const several = taskFor(experiment, generator("spiral"), 4);
  expect(several?.data.config).toEqual({ count: 300, noise: 0.1, classes: 4 });
  expect(several?.network.nodes[1]?.config["out_features"]).toBe(4);
  expect(several?.recipe.config["loss"]).toEqual({ kind: "cross_entropy", config: {} });
  const back = taskFor({ ...experiment, ...several } as Experiment, generator("xor"), 4);
  expect(back?.network).toEqual(experiment.network);
  expect(back?.recipe).toEqual(experiment.recipe);
  const numbers = taskFor(experiment, generator("bumps"), 2);
  expect(numbers?.recipe.config).toMatchObject({ target: "value", loss: { kind: "mse" } });
});

it("leaves networks alone whose answer is no dense layer", () => {
  const other = { ...experiment, recipe: { ...experiment.recipe, config: { output: "input" } } };
  expect(taskFor(other, generator("xor"), 2)).toBeNull();
});

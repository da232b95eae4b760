import { expect, it } from "vitest";

import type { Experiment } from "../protocol/types";
import { stageLines } from "./stages";

const stop = { steps: null, epochs: null, seconds: null, patience: null, target: null };
const training = (more: object): object => ({ stop: { ...stop, ...more } });
const plain = { data: null, recipe: null, training: null, frozen: [], fresh: [], initial: "keep" };
const experiment = {
  stage: 0,
  data: { kind: "mnist", config: {}, split: {} },
  training: training({ epochs: 1 }),
  network: {
    nodes: [
      { id: "conv1", kind: "conv2d", label: "Conv 1" },
      { id: "head", kind: "linear" },
    ],
    edges: [],
  },
  stages: [
    { ...plain, name: "digits" },
    {
      ...plain,
      name: "new head",
      data: { kind: "emoji", config: {}, split: {} },
      frozen: ["conv1"],
      fresh: ["head"],
      training: training({ steps: 1500 }),
    },
    { ...plain, name: "", initial: "rewind" },
  ],
} as unknown as Experiment;

it("says of every stage what it changes and how long it lasts", () => {
  expect(stageLines(experiment, (kind) => kind)).toEqual([
    { name: "digits", what: "mnist · 1 epoch" },
    { name: "new head", what: "emoji · Conv 1 frozen · linear new · 1,500 steps" },
    { name: "Stage 3", what: "first weights again · 1,500 steps" },
  ]);
});

it("reads the stage of now from the experiment itself", () => {
  const [first, second, third] = experiment.stages;
  const moved = {
    ...experiment,
    stage: 1,
    data: second?.data,
    training: training({}),
    stages: [{ ...first, data: experiment.data, training: experiment.training }, { ...second, data: null }, third],
  } as unknown as Experiment;
  expect(stageLines(moved, (kind) => kind).map(({ what }) => what)).toEqual([
    "mnist · 1 epoch",
    "emoji · Conv 1 frozen · linear new · until you go on",
    "first weights again · until you go on",
  ]);
});

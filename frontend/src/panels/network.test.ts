import { expect, it } from "vitest";

import type { Experiment } from "../protocol/types";
import { activationAfter, computedBy, isOutput, nameOf, sourceName } from "./network";

const node = (id: string, kind: string, label: string | null = null): object => ({
  id,
  kind,
  label,
  config: {},
  tied: {},
});
const edge = (source: string, target: string): object => ({ source, target, source_port: "out", target_port: "in" });
const experiment = {
  network: {
    nodes: [
      node("input", "input", "Input"),
      node("conv1", "conv2d", "Conv 1"),
      node("relu1", "relu"),
      node("pool1", "max_pool2d"),
      node("dense", "linear"),
    ],
    edges: [edge("input", "conv1"), edge("conv1", "relu1"), edge("relu1", "pool1"), edge("pool1", "dense")],
    parts: {},
  },
  recipe: { kind: "supervised", config: { output: "dense" } },
} as unknown as Experiment;

it("finds the activation behind a layer and the layer behind an activation", () => {
  expect(activationAfter(experiment, "conv1")?.id).toBe("relu1");
  expect(activationAfter(experiment, "dense")).toBeUndefined();
  expect(["conv1", "relu1", "pool1", "input", "dense"].map((id) => computedBy(experiment, id)?.id)).toEqual([
    "conv1",
    "conv1",
    undefined,
    undefined,
    "dense",
  ]);
});

it("names things as people do", () => {
  expect([nameOf(experiment, "conv1"), nameOf(experiment, "relu1"), nameOf(undefined, "x")]).toEqual([
    "Conv 1",
    "relu",
    "x",
  ]);
  expect([sourceName("mine"), sourceName("test:5"), sourceName("train:12345")]).toEqual([
    "your drawing",
    "test image 5",
    "training image 12,345",
  ]);
  expect([isOutput(experiment, "dense"), isOutput(experiment, "conv1")]).toEqual([true, false]);
});

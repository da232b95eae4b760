import { expect, test } from "vitest";

import type { Experiment, Network } from "../protocol/types";
import { networkChanges, placeInWords, valueInWords } from "./words";

const node = (id: string, kind: string, config: Record<string, unknown> = {}, label: string | null = null) => ({
  id,
  kind,
  config,
  label,
  tied: {},
});
const network: Network = {
  nodes: [node("x", "input"), node("conv1", "conv2d", { filters: 8 }, "Conv 1"), node("drop", "dropout", { p: 0.5 })],
  edges: [{ source: "x", source_port: "out", target: "conv1", target_port: "in" }],
  parts: {},
};
const experiment = {
  network,
  training: { optimizers: { model: { kind: "sgd", config: {} } } },
} as unknown as Experiment;

test("a place is called what people call it", () => {
  expect(placeInWords("training.optimizers.model.config.lr", experiment)).toBe("Learning rate");
  expect(placeInWords("network.nodes.conv1.config.kernel_size", experiment)).toBe("Conv 1: kernel size");
  expect(placeInWords("training.regularization.l2", experiment)).toBe("L2");
  const two = { ...experiment, training: { optimizers: { g: {}, d: {} } } } as unknown as Experiment;
  expect(placeInWords("training.optimizers.g.config.lr", two)).toBe("Learning rate of g");
});

test("a value is short", () => {
  const values = [0.00012, 1234, null, true, undefined, "mine", [1, 2]];
  expect(values.map(valueInWords)).toEqual(["0.00012", "1,234", "none", "on", "removed", "“mine”", "[1,2]"]);
});

test("a network is told by what was done to it", () => {
  const after: Network = {
    nodes: [node("x", "input"), node("conv1", "conv2d", { filters: 16 }, "Conv 1"), node("relu1", "relu")],
    edges: [],
    parts: {},
  };
  const lines = ["Conv 1: Filters 8 → 16", "relu added", "dropout removed", "1 connection changed"];
  expect(networkChanges(network, after)).toEqual(lines);
  expect(networkChanges(network, network)).toEqual([]);
  expect(networkChanges(1, 2)).toBeNull();
});

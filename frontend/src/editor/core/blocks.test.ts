import { expect, test } from "vitest";

import type { Block, CatalogueEntry } from "../../protocol/report";
import { instantiate } from "./blocks";
import { chain, portsOf, wires } from "./fakes";
import { insertFragment } from "./insert";
import { makeEdge, type Result } from "./network";

const block = {
  kind: "residual",
  fragment: {
    nodes: [
      { id: "conv1", kind: "conv2d", config: { out_channels: { of: "channels" }, kernel_size: 3 } },
      { id: "narrow", kind: "conv2d", config: { out_channels: { of: "channels", times: 0.25, least: 4 } } },
      { id: "add1", kind: "add", config: {} },
    ],
    edges: [
      { source: "conv1", target: "narrow" },
      { source: "narrow", target: "add1" },
    ],
    entry: ["conv1", "add1"],
    exit: "add1",
  },
} as unknown as Block & CatalogueEntry;

test("sizes follow the channels that arrive", () => {
  const wide = instantiate(block, [32, 14, 14]);
  expect(wide.nodes.map((node) => node.config["out_channels"])).toEqual([32, 8, undefined]);
  expect(instantiate(block, [8, 14, 14]).nodes[1]?.config["out_channels"]).toBe(4);
  expect(wide.parts).toEqual({ residual: ["conv1", "narrow", "add1"] });
});

test("a block goes where one layer would go, under free ids", () => {
  const row = chain("input", "conv1", "b");
  const fragment = instantiate(block, [4]);
  const on: Result = insertFragment(row, { edge: makeEdge("conv1", "b") }, fragment, portsOf);
  if (on.reason !== undefined) throw new Error(on.reason);
  expect(wires(on.network)).toBe("add1>b conv1>add1 conv1>conv2 conv2>narrow input>conv1 narrow>add1");
  expect(on.network.parts).toEqual({ residual: ["conv2", "narrow", "add1"] });
  const end = insertFragment(row, { after: "b" }, fragment, portsOf);
  expect("network" in end && wires(end.network)).toBe("b>add1 b>conv2 conv1>b conv2>narrow input>conv1 narrow>add1");
});

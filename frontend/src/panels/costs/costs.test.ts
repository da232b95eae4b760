import { expect, it } from "vitest";

import type { NodeReport } from "../../protocol/types";
import { costsOf, family, most, said } from "./costs";

const node = (id: string, kind: string, parameters: number, multiply_adds: number): NodeReport =>
  ({ id, kind, parameters, multiply_adds }) as NodeReport;

const NODES = [
  node("dense", "linear", 8000, 7990),
  node("flatten", "flatten", 0, 0),
  node("conv", "conv2d", 200, 150_000),
  node("called", "gru_cell", 300, 300),
];
const COSTS = costsOf({ nodes: NODES, order: ["conv", "flatten", "dense"] });

it("lists what costs something in the order of the network, parts that are called elsewhere last", () => {
  expect(COSTS.rows.map((row) => row.node)).toEqual(["conv", "dense", "called"]);
  expect(COSTS).toMatchObject({ parameters: 8500, work: 158_290, free: 1 });
  expect(costsOf(null)).toEqual({ rows: [], parameters: 0, work: 0, free: 0 });
});

it("says where most of either is", () => {
  expect([most(COSTS.rows, "parameters")?.node, most(COSTS.rows, "work")?.node]).toEqual(["dense", "conv"]);
  expect(most([], "work")).toBeUndefined();
  expect(family(COSTS.rows, "parameters")).toEqual(["the dense layers", 8000 / 8500]);
  expect(said(COSTS)).toBe(
    "Most parameters sit in the dense layers (94%), most work is done in the convolutions (95%).",
  );
});

it("has words for one sort of layer, for layers without work, and for none", () => {
  const conv = costsOf({ nodes: [NODES[2] as NodeReport], order: ["conv"] });
  expect(said(conv)).toBe("The convolutions hold 100% of the parameters and do 100% of the work.");
  const table = costsOf({ nodes: [node("e", "embedding", 10, 0)], order: ["e"] });
  expect(said(table)).toBe("All parameters are in the embeddings.");
  expect(said(costsOf(null))).toBe("");
});

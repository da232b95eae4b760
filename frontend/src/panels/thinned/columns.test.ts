import { expect, test } from "vitest";

import type { Experiment, Node } from "../../protocol/types";
import { columnsOf, MOST, scaling, spotsOf } from "./columns";

const node = (id: string, kind: string, config = {}): Node => ({ id, kind, config, label: null, tied: {} });
const chain = (...nodes: Node[]): Experiment =>
  ({
    network: {
      nodes,
      edges: nodes.slice(1).map(({ id }, i) => ({ source: nodes[i]?.id, target: id })),
      parts: {},
    },
  }) as unknown as Experiment;
const sizes: Record<string, number> = { input: 2, dense: 100, out: 1, noise: 2 };
const sizeOf = (id: string): number => sizes[id] ?? 0;

test("dropout behind an activation thins the layer before it, behind the input the inputs", () => {
  const network = chain(
    node("input", "input"),
    node("noise", "dropout", { p: 0.2 }),
    node("dense", "linear"),
    node("relu", "relu"),
    node("drop", "dropout"),
    node("out", "linear"),
  );
  const columns = columnsOf(network, sizeOf);
  expect(columns?.map(({ node: id, units, dropout }) => [id, units, dropout?.id])).toEqual([
    [null, 2, "noise"],
    ["dense", 100, "drop"],
    ["out", 1, undefined],
  ]);
  const spots = spotsOf(columns ?? [], 300, 400);
  expect(spots.map((column) => column.length)).toEqual([2, MOST, 1]);
  expect(spots.flat().every(({ x, y }) => x >= 0 && x <= 300 && y >= 0 && y <= 400)).toBe(true);
});

test("a network that branches has no columns", () => {
  const network = chain(node("input", "input"), node("dense", "linear"));
  network.network.edges.push({ source: "input", target: "dense", source_port: "out", target_port: "in" });
  expect(columnsOf(network, sizeOf)).toBeNull();
});

test("what makes up for the missing units depends on the form", () => {
  const drop = (form: string): Node => node("drop", "dropout", { p: 0.75, form });
  expect([scaling(drop("pytorch"), false), scaling(drop("pytorch"), true)]).toEqual([4, 1]);
  expect([scaling(drop("textbook"), false), scaling(drop("textbook"), true)]).toEqual([1, 0.25]);
  expect([scaling(drop("forgotten"), false), scaling(drop("forgotten"), true)]).toEqual([1, 1]);
});

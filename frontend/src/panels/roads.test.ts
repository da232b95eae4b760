import { expect, it } from "vitest";

import type { Experiment } from "../protocol/types";
import { cut, type Junction, missing, putBack, type Road, roadFormula, shortcutOf } from "./roads";

const road = (arrives: string, nodes: string[], plain: boolean): Road => ({
  arrives,
  nodes,
  plain,
  signal: 1,
  gradient: null,
});
const edge = (source: string, target: string): Experiment["network"]["edges"][number] => ({
  source,
  target,
  source_port: "out",
  target_port: "in",
});
const NETWORK = {
  nodes: ["x", "c", "s", "a"].map((id) => ({
    id,
    kind: { s: "scale", a: "add" }[id] ?? "conv2d",
    config: id === "s" ? { factor: -0.5 } : {},
    tied: {},
  })),
  edges: [edge("x", "c"), edge("c", "a"), edge("x", "s"), edge("s", "a")],
  parts: {},
} as Experiment["network"];
const F = road("c", ["c"], false);

it("tells the shortcut from the layers, and writes both as a formula", () => {
  const halved: Junction = { node: "a", fork: "x", roads: [F, road("s", ["s"], true)] };
  expect(shortcutOf(halved)?.arrives).toBe("s");
  expect(halved.roads.map((one) => roadFormula(one, halved, NETWORK))).toEqual(["F(x)", "−0.5 x"]);
  const whole: Junction = { node: "a", fork: "x", roads: [F, road("x", [], true)] };
  expect(roadFormula(whole.roads[1] as Road, whole, NETWORK)).toBe("x");
  const projected: Junction = { node: "a", fork: "x", roads: [road("d", ["c", "d"], false), F] };
  expect(projected.roads.map((one) => roadFormula(one, projected, NETWORK))).toEqual(["F(x)", "Wx"]);
  expect(shortcutOf({ roads: [F] })).toBeUndefined();
});

it("cuts a road and puts it back where it was", () => {
  const [without, was] = cut(NETWORK, "a", "c") ?? [NETWORK, { edge: edge("?", "?"), at: -1 }];
  expect(without.edges).toEqual([edge("x", "c"), edge("x", "s"), edge("s", "a")]);
  expect([missing(NETWORK, was), missing(without, was)]).toEqual([false, true]);
  expect(missing({ ...without, nodes: without.nodes.slice(0, 1) }, was)).toBe(false);
  expect(putBack(without, was)).toEqual(NETWORK);
  expect(cut(NETWORK, "a", "nothing")).toBeNull();
});

import { expect, test } from "vitest";

import { chain, node, portsOf, wires } from "./fakes";
import { insertOnEdge } from "./insert";
import { type Learner, merge } from "./merge";
import { makeEdge, makeNode, type Network, type Result } from "./network";
import { removeNodes } from "./remove";
import { setConfig } from "./settings";

const RECIPE = { kind: "supervised", config: { output: "output" } };
const row = chain("input", "a", "b", "output");
const start: Learner = { network: row, recipe: RECIPE };

const done = (result: Result): Learner => {
  if (result.reason !== undefined) throw new Error(result.reason);
  return { network: result.network, recipe: RECIPE };
};
const put = (source: string, target: string, kind = "dropout", network: Network = row): Learner =>
  done(insertOnEdge(network, makeEdge(source, target), makeNode(network, kind), portsOf));
const sized = (units: number): Learner => done(setConfig(row, ["a"], "units", units));

test("changes of different layers are both kept, whoever asks", () => {
  const [mine, theirs] = [sized(16), put("b", "output")];
  for (const merged of [merge(start, mine, theirs), merge(start, theirs, mine)]) {
    expect(merged?.network.nodes.find((one) => one.id === "a")?.config).toEqual({ units: 16 });
    expect(merged && wires(merged.network)).toBe("a>b b>dropout1 dropout1>output input>a");
  }
});

test("where both windows call their new layer the same, mine takes another name, also in the recipe", () => {
  const merged = merge(start, put("input", "a"), put("b", "output"));
  expect(merged && wires(merged.network)).toBe("a>b b>dropout1 dropout1>output dropout2>a input>dropout2");
  const mine = { network: put("input", "a").network, recipe: { ...RECIPE, config: { output: "dropout1" } } };
  expect(merge(start, mine, put("b", "output"))?.recipe.config).toEqual({ output: "dropout2" });
});

const sum: Learner = {
  network: { nodes: [...row.nodes, node("sum", "add")], edges: [...row.edges, makeEdge("a", "sum")], parts: {} },
  recipe: RECIPE,
};
test.each<[string, Learner, Learner, Learner]>([
  ["one layer set to two values", start, sized(16), sized(4)],
  ["two layers put at one place", start, put("a", "b"), put("a", "b", "tanh")],
  [
    "one input of many fed in two ways",
    sum,
    put("a", "sum", "relu", sum.network),
    put("a", "sum", "tanh", sum.network),
  ],
  ["a layer set that is gone", start, sized(16), done(removeNodes(row, ["a"], true, portsOf))],
  ["a layer put where one is gone", start, put("a", "b"), done(removeNodes(row, ["a"], true, portsOf))],
  [
    "two other recipes",
    start,
    { network: row, recipe: { kind: "x", config: {} } },
    { network: row, recipe: { kind: "y", config: {} } },
  ],
])("%s: the two touch", (_what, before, mine, theirs) => {
  expect(merge(before, mine, theirs)).toBeNull();
  expect(merge(before, theirs, mine)).toBeNull();
});

test("the same change in both is one change, however it is written", () => {
  const mine = sized(16);
  const theirs = JSON.parse(JSON.stringify(mine)) as Learner;
  theirs.recipe = { config: theirs.recipe.config, kind: theirs.recipe.kind };
  const merged = merge(start, mine, theirs);
  expect([merged?.network, merged?.recipe]).toEqual([mine.network, mine.recipe]);
});

import { describe, expect, test } from "vitest";

import { connect, disconnect, reconnect } from "./connect";
import { chain, node, portsOf, wires } from "./fakes";
import { group, renameGroup, repeat, ungroup } from "./groups";
import { addNode, insertAfter, insertOnEdge } from "./insert";
import { edgeId, EMPTY, makeEdge, makeNode, type Network, type Result } from "./network";
import { outputAfter } from "./outputs";
import { removeNodes } from "./remove";
import { setConfig, setLabel, share, unshare } from "./settings";

const done = (result: Result): Network => {
  if (result.reason !== undefined) throw new Error(result.reason);
  return result.network;
};
const reason = (result: Result): string => {
  if (result.reason === undefined) throw new Error("was not refused");
  return result.reason;
};
const row = chain("input", "a", "b", "c");
const skip: Network = {
  nodes: [...row.nodes, node("sum", "add")],
  edges: [...row.edges, makeEdge("c", "sum"), makeEdge("a", "sum")],
  parts: {},
};

describe("insert", () => {
  test("on a connection, behind a layer, at the end, free", () => {
    const edge = makeEdge("a", "b");
    const on = insertOnEdge(row, edge, node("x"), portsOf);
    expect(wires(done(on))).toBe("a>x b>c input>a x>b");
    expect(done(on).nodes.map((one) => one.id)).toEqual(["input", "a", "x", "b", "c"]);
    expect(on).toMatchObject({ select: ["x"] });
    expect(wires(done(insertAfter(row, "c", node("x"), portsOf)))).toBe("a>b b>c c>x input>a");
    expect(wires(done(insertAfter(skip, "a", node("x"), portsOf)))).toBe("a>x b>c c>sum input>a x>b x>sum");
    expect(wires(done(addNode(row, node("x"))))).toBe(wires(row));
  });
  test("what can not stand there is refused and leaves the network alone", () => {
    const before = JSON.stringify(row);
    expect(reason(insertOnEdge(row, makeEdge("a", "b"), node("x", "input"), portsOf))).toContain("takes nothing in");
    expect(reason(insertOnEdge(row, makeEdge("a", "c"), node("x"), portsOf))).toContain("no longer there");
    const full = { ...EMPTY, nodes: Array.from({ length: 2000 }, (_, i) => node(`n${i}`)) };
    expect(reason(addNode(full, node("x")))).toBe("That would make 2,001 layers; a network holds at most 2,000.");
    expect(JSON.stringify(row)).toBe(before);
  });
  test("ids are free, short and legal", () => {
    expect(makeNode(row, "conv2d").id).toBe("conv1");
    expect(makeNode({ ...row, nodes: [node("conv1")] }, "conv2d").id).toBe("conv2");
    expect(makeNode(row, "max_pool2d").id).toBe("max_pool1");
  });
});

describe("remove", () => {
  test("joins the neighbours in one gesture, or leaves them apart", () => {
    expect(wires(done(removeNodes(row, ["a", "b"], true, portsOf)))).toBe("input>c");
    expect(wires(done(removeNodes(row, ["b"], false, portsOf)))).toBe("input>a");
    expect(wires(done(removeNodes(skip, ["a"], true, portsOf)))).toBe("b>c c>sum input>b input>sum");
    expect(wires(done(removeNodes(skip, ["sum"], true, portsOf)))).toBe("a>b b>c input>a");
  });
  test("forgets blocks and shared weights of what is gone", () => {
    const grouped = done(group(row, ["a", "b"], "pair"));
    const tied = {
      ...grouped,
      nodes: grouped.nodes.map((one) => (one.id === "c" ? { ...one, tied: { weight: "a.weight" } } : one)),
    };
    const left = done(removeNodes(tied, ["a"], true, portsOf));
    expect(left.parts).toEqual({ pair: ["b"] });
    expect(left.nodes.find((one) => one.id === "c")?.tied).toEqual({});
    expect(done(removeNodes(tied, ["a", "b"], true, portsOf)).parts).toEqual({});
  });
  test("a part that a layer runs can not lose all its layers", () => {
    const called = { ...row, nodes: [...row.nodes, node("p", "part", { part: "pair" })], parts: { pair: ["a", "b"] } };
    expect(reason(removeNodes(called, ["a", "b"], true, portsOf))).toContain("remove that layer first");
  });
});

describe("connect", () => {
  test("makes, cuts and moves connections", () => {
    expect(wires(done(connect(skip, makeEdge("b", "sum"), portsOf)))).toContain("b>sum");
    expect(wires(done(disconnect(row, [edgeId(makeEdge("a", "b"))])))).toBe("b>c input>a");
    const moved = done(reconnect(row, edgeId(makeEdge("b", "c")), makeEdge("a", "c"), portsOf));
    expect(wires(moved)).toBe("a>b a>c input>a");
  });
  test("says in words what can not be", () => {
    expect(reason(connect(row, makeEdge("c", "a"), portsOf))).toBe(
      "That would be a cycle: a → b → c → a. Values flow one way; to carry a state from step to step, use a scan.",
    );
    expect(reason(connect(row, makeEdge("a", "a"), portsOf))).toContain("can not feed itself");
    expect(reason(connect(row, makeEdge("input", "c"), portsOf))).toBe(
      "c takes one input, and b is connected already. Drag the end of that connection, or join both with Add or Concatenate.",
    );
    expect(reason(connect(row, makeEdge("c", "input"), portsOf))).toBe("Nothing can be led into input.");
    expect(reason(connect(row, makeEdge("a", "c", "out", "state"), portsOf))).toBe("c has no input “state”.");
    expect(reason(connect(row, makeEdge("a", "nowhere"), portsOf))).toContain("no longer there");
    expect(reason(connect(skip, makeEdge("c", "sum"), portsOf))).toContain("connected already");
  });
});

describe("blocks", () => {
  test("are named, renamed, dissolved, and do not overlap", () => {
    const made = done(group(row, ["b", "a"], "My block!"));
    expect(made.parts).toEqual({ My_block: ["a", "b"] });
    expect(reason(group(made, ["b", "c"], "other"))).toContain("only partly");
    expect(reason(group(made, ["a", "b"], "other"))).toContain("already");
    expect(done(group(made, ["a"], "My block!")).parts["My_block_2"]).toEqual(["a"]);
    expect(done(renameGroup(made, "My_block", "stage 1")).parts).toEqual({ stage_1: ["a", "b"] });
    expect(done(ungroup(made, "My_block")).parts).toEqual({});
    expect(reason(group(row, [], "x"))).toContain("Select");
  });
  test("repeat one behind the other", () => {
    const made = done(group(row, ["a", "b"], "pair"));
    const three = done(repeat(made, "pair", 3));
    expect(wires(three)).toBe("a1>b1 a2>b2 a>b b1>a2 b2>c b>a1 input>a");
    expect(three.parts).toEqual({ pair: ["a", "b"], pair_2: ["a1", "b1"], pair_3: ["a2", "b2"] });
    const last = done(repeat(done(group(row, ["b", "c"], "end")), "end", 2));
    expect(wires(last)).toBe("a>b b1>c1 b>c c>b1 input>a");
    expect(reason(repeat(made, "pair", 1))).toContain("2 to 100");
    expect(reason(repeat(done(group(skip, ["b", "sum"], "odd")), "odd", 2))).toContain("one way in and one way out");
  });
});

describe("settings", () => {
  test("of several layers at once, names, shared weights", () => {
    expect(done(setConfig(row, ["a", "b"], "p", 0.2)).nodes.map((one) => one.config["p"])).toEqual([
      undefined,
      0.2,
      0.2,
      undefined,
    ]);
    expect(done(setLabel(row, "a", " <b>Edge</b> ")).nodes[1]?.label).toBe("<b>Edge</b>");
    expect(reason(setLabel(row, "a", "x".repeat(10_000)))).toContain("10,000");
    const shared = done(share(row, ["a", "b", "c"], () => ["weight", "bias"]));
    expect(shared.nodes.map((one) => one.tied)).toEqual([
      {},
      {},
      { weight: "a.weight", bias: "a.bias" },
      { weight: "a.weight", bias: "a.bias" },
    ]);
    expect(done(unshare(shared, ["c"])).nodes[3]?.tied).toEqual({});
    expect(reason(share(row, ["input", "a"], () => ["weight"]))).toContain("different kinds");
    expect(reason(share(row, ["a", "b"], () => []))).toContain("no weights");
  });
});

test("the recipe's output follows the end of the network", () => {
  expect(outputAfter(row, done(insertAfter(row, "c", node("x"), portsOf)), "c")).toBe("x");
  expect(outputAfter(row, done(removeNodes(row, ["c"], true, portsOf)), "c")).toBe("b");
  expect(outputAfter(row, done(insertAfter(row, "a", node("x"), portsOf)), "c")).toBe("c");
  expect(outputAfter(row, done(addNode(row, node("x"))), "c")).toBe("c");
  expect(outputAfter(EMPTY, row, "")).toBe("c");
});

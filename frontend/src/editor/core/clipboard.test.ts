import { describe, expect, test } from "vitest";

import { copyText, paste } from "./clipboard";
import { chain, node, portsOf, wires } from "./fakes";
import { MOST_TEXT } from "./clipboard";

const row = { ...chain("input", "conv1", "relu1"), parts: { pair: ["conv1", "relu1"] } };

test("layers travel as text and come back with ids of their own", () => {
  const text = copyText(row, ["conv1", "relu1"], { conv1: [10, 20], input: [0, 0] });
  const pasted = paste(row, text);
  if (!("network" in pasted)) throw new Error(pasted.reason);
  expect(pasted.select).toEqual(["conv2", "relu2"]);
  expect(wires(pasted.network)).toBe("conv1>relu1 conv2>relu2 input>conv1");
  expect(pasted.network.parts).toEqual({ pair: ["conv1", "relu1"], pair_2: ["conv2", "relu2"] });
  expect(pasted.positions).toEqual({ conv2: [50, 60] });
});

test("a whole experiment gives its network", () => {
  const pasted = paste(chain("input"), JSON.stringify({ version: 1, network: row, view: { positions: {} } }));
  expect("network" in pasted && pasted.select).toEqual(["input1", "conv1", "relu1"]);
});

test("connections that can not be are refused in words, and nothing is pasted", () => {
  const ports = (kind: string) => portsOf(node("x", kind));
  const text = (edges: [string, string, string?, string?][], ...nodes: string[]): string =>
    JSON.stringify({
      nodes: nodes.map((id) => node(id, id.replace(/\d$/, ""))),
      edges: edges.map(([source, target, target_port = "in", source_port = "out"]) => ({
        source,
        target,
        source_port,
        target_port,
      })),
    });
  const before = JSON.stringify(row);
  for (const [given, words] of [
    [text([["relu1", "gone"]], "relu1"), "no such layer"],
    [text([["relu1", "relu2", "side"]], "relu1", "relu2"), "no input “side”"],
    [text([["relu1", "relu2", "in", "left"]], "relu1", "relu2"), "no output “left”"],
    [
      text(
        [
          ["relu1", "relu3"],
          ["relu2", "relu3"],
        ],
        "relu1",
        "relu2",
        "relu3",
      ),
      "which takes one",
    ],
    [text([["relu1", "relu1"]], "relu1"), "circle"],
    [
      text(
        [
          ["relu1", "add1"],
          ["add1", "relu2"],
          ["relu2", "add1"],
        ],
        "relu1",
        "add1",
        "relu2",
      ),
      "circle",
    ],
  ] as const) {
    expect(paste(row, given, ports)).toMatchObject({ reason: expect.stringContaining(words) as string });
  }
  expect(JSON.stringify(row)).toBe(before);
  const fine = text(
    [
      ["relu1", "add1"],
      ["relu2", "add1"],
    ],
    "relu1",
    "relu2",
    "add1",
  );
  expect("network" in paste(row, fine, ports)).toBe(true);
});

describe("what is no network is refused in words", () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => node(`n${i}`));
  test.each([
    ["good morning", "no experiment"],
    ["[1, 2]", "no experiment"],
    ['"text"', "no experiment"],
    ["null", "no experiment"],
    ['{"nodes": 3}', "no experiment"],
    ['{"nodes": [null]}', "no experiment"],
    ['{"nodes": [{"id": "a", "kind": "relu"}], "edges": [7]}', "no experiment"],
    ['{"nodes": [{"id": "<b>", "kind": "relu"}]}', "no id of a layer"],
    ['{"version": 7, "network": {"nodes": []}}', "newer version"],
    ['{"nodes": []}', "no layers"],
    [JSON.stringify({ nodes: [node("a"), node("a")] }), "same id"],
    [JSON.stringify({ nodes: many(100_000) }), "at most 2,000"],
    [JSON.stringify({ nodes: many(2000) }), "2,003 layers"],
    ["x".repeat(MOST_TEXT + 1), "far too long"],
  ])("%#", (text, words) => {
    const before = JSON.stringify(row);
    expect(paste(row, text)).toMatchObject({ reason: expect.stringContaining(words) as string });
    expect(JSON.stringify(row)).toBe(before);
  });
});

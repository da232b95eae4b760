import { expect, test } from "vitest";

import type { Experiment } from "../protocol/types";
import { cardsOf } from "./cards";
import { chainOf, layoutChain, layoutGraph } from "./layout";

const node = (id: string, kind: string, config = {}) => ({ id, kind, config, label: null, tied: {} });
const edge = (source: string, target: string) => ({ source, target, source_port: "out", target_port: "in" });

const experiment = {
  network: {
    nodes: [
      node("input", "input"),
      node("conv1", "conv2d", { out_channels: 8, kernel_size: 5 }),
      node("relu1", "relu"),
      node("flatten", "flatten"),
      node("dense", "linear", { out_features: 10 }),
    ],
    edges: [edge("input", "conv1"), edge("conv1", "relu1"), edge("relu1", "flatten"), edge("flatten", "dense")],
    parts: {},
  },
  recipe: { kind: "supervised", config: { output: "dense", loss: { kind: "cross_entropy", config: {} } } },
} as unknown as Experiment;

test("activations join the card before them, flattening the edge", () => {
  const { cards, links } = cardsOf(experiment, (kind) => kind);
  expect(cards.map((card) => [card.id, card.detail, card.activation, card.pictureNode])).toEqual([
    ["input", "", "", "input"],
    ["conv1", "8 @ 5×5", "relu", "relu1"],
    ["dense", "10", "softmax", "dense"],
  ]);
  expect(links.map((link) => [link.source, link.target, link.carrier])).toEqual([
    ["input", "conv1", "input"],
    ["conv1", "dense", "flatten"],
  ]);
});

const boxes = ["a", "b", "c", "d"].map((id) => ({ id, width: 100, height: 80 }));
const chain = [
  { source: "a", target: "b" },
  { source: "b", target: "c" },
  { source: "c", target: "d" },
];

test("a chain stands in one row where there is width, in several where there is not", () => {
  expect(chainOf(["d", "a", "c", "b"], chain)).toEqual(["a", "b", "c", "d"]);
  const wide = layoutChain(boxes, { width: 800, height: 400 });
  expect(new Set([...wide.places.values()].map((place) => place.y))).toEqual(new Set([0]));
  expect(wide.width).toBeLessThanOrEqual(800);
  const narrow = layoutChain(boxes, { width: 300, height: 330 });
  expect(new Set([...narrow.places.values()].map((place) => place.y)).size).toBe(2);
});

test("a graph that branches is laid out in layers without overlap", async () => {
  const links = [
    ...chain.slice(0, 1),
    { source: "a", target: "c" },
    { source: "b", target: "d" },
    { source: "c", target: "d" },
  ];
  expect(chainOf(["a", "b", "c", "d"], links)).toBeNull();
  const { places } = await layoutGraph(boxes, links);
  const at = (id: string) => places.get(id) ?? { x: NaN, y: NaN };
  expect(at("b").x).toBe(at("c").x);
  expect(Math.abs(at("b").y - at("c").y)).toBeGreaterThanOrEqual(80);
  expect(at("d").x).toBeGreaterThanOrEqual(at("b").x + 100);
});

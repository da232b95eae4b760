import { expect, test } from "vitest";

import type { Experiment } from "../protocol/types";
import { cardsOf } from "./cards";
import { edgeAt } from "./flow";
import { layoutGraph, layoutPieces, piecesOf } from "./graph-layout";
import { chainOf, layoutChain, layoutPlaced } from "./layout";
import { bentPath } from "./lines";

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

const branching = [
  { source: "a", target: "b" },
  { source: "b", target: "c" },
  { source: "b", target: "d" },
  { source: "c", target: "e" },
  { source: "d", target: "e" },
  { source: "e", target: "f" },
];
const six = ["a", "b", "c", "d", "e", "f"];

test("a graph is cut where one connection holds it together, never through a block", () => {
  expect(piecesOf(six, branching)?.map((piece) => [...piece].sort())).toEqual([["a"], ["b", "c", "d", "e"], ["f"]]);
  expect(piecesOf(six, branching, [{ name: "head", members: ["e", "f"] }])?.map((piece) => piece.length)).toEqual([
    1, 5,
  ]);
  const doubled = [...branching, { id: "again", source: "e", target: "f" }];
  expect(piecesOf(six, doubled)?.map((piece) => piece.length)).toEqual([1, 4, 1]);
  expect(piecesOf(["a", "b"], [])).toBeNull();
});

test("pieces stand in rows where there is no width for one", async () => {
  const sizes = six.map((id) => ({ id, width: 100, height: 80 }));
  const { places, width } = await layoutPieces(sizes, branching, [], { width: 420, height: 600 });
  expect(places.size).toBe(6);
  expect(width).toBeLessThan(520);
  expect((places.get("f")?.y ?? 0) > (places.get("a")?.y ?? 0)).toBe(true);
});

test("cards stay where they were put; a new one stands beside the one that it reads, clear of others", () => {
  const placed = { a: [0, 0], b: [146, 0], d: [500, 50] } as const;
  const { places } = layoutPlaced(boxes, chain, placed);
  expect(places.get("b")).toEqual({ x: 146, y: 0 });
  const c = places.get("c") ?? { x: 0, y: 0 };
  expect(c.x).toBe(292);
  const crowded = layoutPlaced(boxes, [{ source: "a", target: "c" }], { ...placed, b: [150, 10] });
  expect((crowded.places.get("c")?.y ?? 0) >= 90).toBe(true);
});

test("a card that grew where it was put pushes those below it down, and no others", () => {
  const tall = boxes.map((box) => (box.id === "a" ? { ...box, height: 300 } : box));
  const { places } = layoutPlaced(tall, chain, { a: [0, 0], b: [20, 120], c: [40, 330], d: [500, 50] });
  const y = (id: string) => places.get(id)?.y ?? NaN;
  expect(y("a")).toBe(0);
  expect(y("b")).toBeGreaterThanOrEqual(300);
  expect(y("c")).toBeGreaterThanOrEqual(y("b") + 80);
  expect(places.get("d")).toEqual({ x: 500, y: 50 });
});

test("a closed block is one card with the ends of its layers as ports", () => {
  const grouped = { ...experiment, network: { ...experiment.network, parts: { body: ["conv1", "relu1"] } } };
  const port = (name: string) => ({ name, many: false, optional: false });
  const portsOf = (of: { kind: string }) => ({
    inputs: of.kind === "input" ? [] : [port("in")],
    outputs: [port("out")],
  });
  const { cards, links } = cardsOf(grouped as Experiment, (kind) => kind, { collapsed: ["body"], portsOf });
  expect(cards.map((card) => [card.id, card.nodes.length])).toEqual([
    ["input", 1],
    ["block:body", 2],
    ["dense", 1],
  ]);
  expect(cards[1]?.inputs.map((one) => one.id)).toEqual(["conv1.in"]);
  expect(cards[1]?.outputs.map((one) => one.id)).toEqual(["relu1.out"]);
  expect(links.map((link) => `${link.source}>${link.target}`)).toEqual(["input>block:body", "block:body>dense"]);
  const wrong = cardsOf(experiment, (kind) => kind, { wrong: new Set(["flatten", "relu1"]) });
  expect(wrong.cards.map((card) => card.id)).toEqual(["input", "conv1", "relu1", "flatten", "dense"]);
});

test("a line passes beside the cards that lie between its ends, and is found there", async () => {
  const links = [
    ...chain.map((link) => ({ ...link, id: link.source + link.target })),
    { id: "skip", source: "a", target: "d" },
  ];
  const found = await layoutGraph(boxes, links);
  const ways = found.bends?.get("skip") ?? [];
  expect([...(found.bends ?? new Map()).keys()]).toEqual(["skip"]);
  for (const id of ["b", "c"]) {
    const place = found.places.get(id) as { x: number; y: number };
    const over = ways.find((way) => way.from <= place.x && way.to >= place.x + 100);
    expect(over && (over.y < place.y - 5 || over.y > place.y + 85)).toBe(true);
  }
  expect(Math.min(...[...found.places.values()].map((place) => place.y), ...ways.map((way) => way.y))).toBe(0);

  const [first] = ways as [{ from: number; to: number; y: number }];
  const sizes = Object.fromEntries(boxes.map((box) => [box.id, box]));
  const all = links.map((link) => ({ ...link, carrier: "", sourceHandle: "", targetHandle: "", chain: [] }));
  expect(edgeAt(all, found, sizes, { x: (first.from + first.to) / 2, y: first.y }, 8)?.id).toBe("skip");

  const [path, x, y] = bentPath({ sourceX: 0, sourceY: 50, targetX: 900, targetY: 50 }, ways);
  expect(path.startsWith("M0,50 C") && path.endsWith("900,50")).toBe(true);
  expect([x > 0 && x < 900, y]).toEqual([true, first.y]);
});

import { expect, it } from "vitest";

import { isDense } from "./dense";
import { factorsOf, readWalk, stopsOf, usesOf } from "./walk";

const WALK = readWalk({
  layers: [
    { id: "x", kind: "input", sources: [], size: 2, values: [1, 2], gradient: null, slope: null, weights: null },
    {
      id: "h",
      kind: "linear",
      sources: ["x"],
      size: 1,
      values: [3],
      gradient: [0.2],
      slope: null,
      weights: [[1, 1]],
      bias: [0],
    },
    { id: "t", kind: "tanh", sources: ["h"], size: 1, values: [0.9], gradient: [0.5], slope: [0.4], weights: null },
    {
      id: "y",
      kind: "linear",
      sources: ["t"],
      size: 2,
      values: [1, -1],
      gradient: [0.1, -0.2],
      slope: null,
      weights: [[3], [-1]],
      bias: [0, 0],
    },
  ],
  output: "y",
  loss: 0.7,
  target: [1],
  chosen: { layer: "h", unit: 0, input: 1, weight: 1, value: 2, delta: 0.2, gradient: 0.4, terms: [] },
});

it("walks forwards, to the loss, and back to where something learns", () => {
  expect(stopsOf(WALK).map(({ phase, layer }) => `${phase} ${layer}`)).toEqual([
    "forward 0",
    "forward 1",
    "forward 2",
    "forward 3",
    "loss -1",
    "backward 3",
    "backward 2",
    "backward 1",
    "update 1",
  ]);
});

it("takes a gradient apart into local derivatives and what was known before", () => {
  expect(factorsOf(WALK, "t", 0)).toEqual([
    { reader: "y", unit: 0, factor: 3, delta: 0.1 },
    { reader: "y", unit: 1, factor: -1, delta: -0.2 },
  ]);
  expect(factorsOf(WALK, "h", 0)).toEqual([{ reader: "t", unit: 0, factor: 0.4, delta: 0.5 }]);
});

it("counts how often a term is used again", () => {
  const [, h, t, y] = WALK.layers;
  expect([h, t, y].map((layer) => layer && usesOf(WALK, layer))).toEqual([3, 1, 3]);
});

it("follows sums, products and joined vectors to the right place", () => {
  const flat = { size: 2, gradient: [1, 1], slope: null, weights: null };
  const layers = [
    { id: "a", kind: "tanh", sources: [], values: [2, 3], ...flat },
    { id: "b", kind: "tanh", sources: [], values: [5, 7], ...flat },
    { id: "p", kind: "multiply", sources: ["a", "b"], values: [10, 21], ...flat, gradient: [0.1, 0.2] },
    { id: "c", kind: "concatenate", sources: ["a", "b"], values: [], ...flat, size: 4, gradient: [1, 2, 3, 4] },
  ];
  const walk = readWalk({ layers });
  expect(factorsOf(walk, "b", 1)).toEqual([
    { reader: "p", unit: 1, factor: 3, delta: 0.2 },
    { reader: "c", unit: 3, factor: 1, delta: 4 },
  ]);
});

it("shows itself for dense networks only", () => {
  expect([isDense(["input", "linear", "tanh"]), isDense(["input", "conv2d", "linear"]), isDense(["input"])]).toEqual([
    true,
    false,
    false,
  ]);
  expect(readWalk({ problem: "no loss" })).toMatchObject({ problem: "no loss", layers: [], chosen: null });
});

it("takes a unit of a larger layer apart within the windows that are shown", () => {
  const wide = readWalk({
    layers: [
      { id: "h", kind: "tanh", sources: [], size: 40, first: 20, values: [7, 8], gradient: [1, 2], slope: [1, 1] },
      {
        id: "y",
        kind: "linear",
        sources: ["h"],
        size: 30,
        first: 5,
        values: [0, 0],
        gradient: [3, 4],
        weights: [
          [5, 6],
          [7, 8],
        ],
      },
    ],
    output: "y",
    loss: 0,
  });
  expect(factorsOf(wide, "h", 21)).toEqual([
    { reader: "y", unit: 5, factor: 6, delta: 3 },
    { reader: "y", unit: 6, factor: 8, delta: 4 },
  ]);
  expect(factorsOf(wide, "h", 0).map(({ factor }) => factor)).toEqual([NaN, NaN]);
});

import { expect, it } from "vitest";

import { moved, readNumber, span } from "./reading";

it("splits a convolution into its channels", () => {
  const extra = {
    kind: "conv2d",
    patch: [[[1, 2]], [[3, 4]]],
    weight: [[[0.5, 1]], [[-1, 0]]],
    gradient: null,
    bias: 0.1,
    sum: -0.5,
    result: -0.4,
    input_node: "pool1",
    top: -2,
    left: 3,
  };
  expect(readNumber(extra)).toEqual({
    kind: "conv2d",
    channels: [
      { patch: [[1, 2]], weight: [[0.5, 1]], gradient: null, subtotal: 2.5 },
      { patch: [[3, 4]], weight: [[-1, 0]], gradient: null, subtotal: -3 },
    ],
    bias: 0.1,
    sum: -0.5,
    result: -0.4,
    inputNode: "pool1",
    delta: null,
    update: undefined,
    top: -2,
    left: 3,
  });
});

it("lists the terms of a dense unit and what is left", () => {
  const reading = readNumber({
    kind: "linear",
    indices: [7],
    inputs: [2],
    weights: [3],
    products: [6],
    bias: 0,
    sum: 6.5,
    result: 6.5,
  });
  expect(reading).toMatchObject({ kind: "linear", terms: [{ index: 7, input: 2, weight: 3, product: 6 }], rest: 0.5 });
  expect(readNumber({ kind: "else" })).toBeNull();
});

it("spans matrices and moves within a layer", () => {
  expect(span([[[1, -3]], [[2]]], false)).toEqual([-3, 2]);
  expect(span([[[1, -3]], [[2]]], true)).toEqual([-3, 3]);
  expect(span([], true)).toEqual([0, 0]);
  const cell = { node: "c", channel: 0, row: 0, column: 27 };
  expect(moved(cell, [8, 28, 28], { row: -1, column: 1, channel: 1 })).toEqual({
    node: "c",
    channel: 1,
    row: 0,
    column: 27,
  });
});

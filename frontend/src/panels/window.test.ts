import { expect, it } from "vitest";

import { KERNELS, numbersFor } from "./sliding-window/kernels";
import { channelsOf, costs, placeAt, readSliding, stepped, strongest, sumAt, type Sliding } from "./window";

const EXTRA = {
  kind: "conv2d",
  input_node: "input",
  input: [2, 3, 3],
  kernels: [1, 2, 2, 2],
  output: [1, 2, 2],
  bias: [0.5],
  filters: 1,
  first: 0,
  groups: 1,
  window: [2, 2],
  stride: [2, 2],
  padding: [1, 1],
  dilation: [1, 1],
};
const X = Array.from({ length: 18 }, (_, i) => i);
const read = (extra: object, values: number[]): Sliding => {
  const found = readSliding(extra as never, Float32Array.from(values));
  if (!found) throw new Error("unread");
  return found;
};
const conv = read(EXTRA, [...X, 1, 2, 3, 4, 1, 0, 0, -1, 0.5, 11, 0, 0]);

it("forms the sum with its numbers, channel by channel, zeros outside", () => {
  expect(sumAt(conv, { filter: 0, row: 0, column: 1 })).toEqual({
    bias: 0.5,
    result: 0.5,
    stored: 11,
    terms: [
      {
        channel: 0,
        patch: [
          [0, 0],
          [1, 2],
        ],
        kernel: [
          [1, 2],
          [3, 4],
        ],
        products: [
          [0, 0],
          [3, 8],
        ],
        subtotal: 11,
      },
      {
        channel: 1,
        patch: [
          [0, 0],
          [10, 11],
        ],
        kernel: [
          [1, 0],
          [0, -1],
        ],
        products: [
          [0, 0],
          [0, -11],
        ],
        subtotal: -11,
      },
    ],
  });
});

it("pools: the largest of what is there, the mean of everything", () => {
  const extra = { ...EXTRA, kernels: [0, 0, 2, 2], filters: 2, first: 1, bias: [0] };
  const values = X.map((value) => value - 20);
  const [largest, mean] = ["max_pool2d", "avg_pool2d"].map((kind) => read({ ...extra, kind }, [...values, 0, 0, 0, 0]));
  expect(sumAt(largest as Sliding, { filter: 0, row: 0, column: 0 }).result).toBe(-11);
  expect(sumAt(mean as Sliding, { filter: 0, row: 1, column: 1 }).result).toBe((-7 - 6 - 4 - 3) / 4);
});

it("knows the channels of a group", () => {
  const grouped = { ...conv, filters: 4, first: 2, groups: 2, kernels: [2, 3, 2, 2] };
  expect([0, 1].map((filter) => channelsOf(grouped, filter))).toEqual([
    [3, 4, 5],
    [3, 4, 5],
  ]);
});

it("finds the place of a pixel and steps on, round at the end", () => {
  expect(placeAt(conv, 0, 2, 0)).toEqual({ filter: 0, row: 1, column: 0 });
  expect(placeAt(conv, 0, 99, -9)).toEqual({ filter: 0, row: 1, column: 0 });
  expect(stepped(conv, { filter: 0, row: 0, column: 1 }, 1)).toEqual({ filter: 0, row: 1, column: 0 });
  expect(stepped(conv, { filter: 0, row: 0, column: 0 }, -1)).toEqual({ filter: 0, row: 1, column: 1 });
});

it("counts against a dense layer of the same sizes", () => {
  expect(costs(conv)).toEqual({
    here: { connections: 4 * 8, parameters: 9 },
    dense: { connections: 18 * 4, parameters: 19 * 4 },
  });
});

it("puts a kernel into the middle of every channel's window", () => {
  const identity = KERNELS[0]?.rows ?? [];
  expect(numbersFor(identity, 2, 1, 3)).toEqual([0, 0.5, 0, 0, 0.5, 0]);
  expect(readSliding({}, null)).toBeNull();
});

it("begins where the first filter answers most", () => {
  expect(strongest(conv)).toEqual({ filter: 0, row: 0, column: 1 });
});

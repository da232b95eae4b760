import { expect, it } from "vitest";

import { readSliding, type Sliding } from "../window";
import { valuesOf, wiresOf } from "./wires";

const EXTRA = {
  kind: "conv1d",
  input: [1, 1, 4],
  kernels: [1, 1, 1, 2],
  output: [1, 1, 3],
  bias: [0],
  filters: 1,
  first: 0,
  groups: 1,
  window: [1, 2],
  stride: [1, 2],
  padding: [0, 1],
  dilation: [1, 1],
};
const sliding = readSliding(EXTRA, Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9)) as Sliding;

it("ties the connections of a filter, and leaves out those that hang over the ends", () => {
  expect(wiresOf(sliding, 0, 0)).toEqual([
    { from: 0, to: 0, tie: 1, weight: 6 },
    { from: 1, to: 1, tie: 0, weight: 5 },
    { from: 2, to: 1, tie: 1, weight: 6 },
    { from: 3, to: 2, tie: 0, weight: 5 },
  ]);
  expect(valuesOf(sliding, 0, 0)).toEqual({ inputs: [1, 2, 3, 4], units: [7, 8, 9] });
});

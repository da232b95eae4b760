import { describe, expect, it } from "vitest";

import { classStyle, shapePath, SHAPES } from "./classes";
import { cubeIn, numberIn, numbersIn, textsIn } from "./extra";
import { binOf, edges, height, peak, total } from "./histogram";
import { linear, niceStep, ticks } from "./scales";
import { list, mapsOf, valueAt, type Values } from "./values";
import { ACTIVATIONS, argmax, erf, softmax } from "./vectors";

const quantised: Values = { shape: [3], axes: ["D"], lo: -1, hi: 1, bytes: Uint8Array.of(0, 255, 51), floats: null };

describe("values", () => {
  it("decodes bytes and ends in NaN", () => {
    expect([valueAt(quantised, 0), valueAt(quantised, 1), valueAt(quantised, 2).toFixed(3)]).toEqual([-1, 1, "-0.600"]);
    expect(valueAt(quantised, 3)).toBeNaN();
    expect(list(quantised, 2)).toEqual([-1, 1]);
  });

  it("lays any shape out as maps", () => {
    expect(mapsOf([8, 28, 28])).toEqual({ count: 8, height: 28, width: 28 });
    expect(mapsOf([16, 8, 5, 5])).toEqual({ count: 128, height: 5, width: 5 });
    expect(mapsOf([7, 3])).toEqual({ count: 1, height: 7, width: 3 });
    expect(mapsOf([128])).toEqual({ count: 1, height: 16, width: 8 });
  });
});

it("histograms know their bins", () => {
  const histogram = { counts: [1, 4, 3], lo: -1, hi: 2 };
  expect([total(histogram), peak(histogram), edges(histogram, 1)]).toEqual([8, 4, [0, 1]]);
  expect([-1, 0.5, 2, 3].map((value) => binOf(histogram, value))).toEqual([0, 1, 2, -1]);
  expect(height(1, 4)).toBe(0.5);
});

it("scales go there and back, ticks are round", () => {
  const scale = linear([0, 10], [100, 0]);
  expect([scale(2), scale.invert(80)]).toEqual([80, 2]);
  expect(niceStep(1, 4)).toBe(0.2);
  expect(ticks(-0.52, 0.52, 4)).toEqual([-0.4, -0.2, 0, 0.2, 0.4].map((value) => expect.closeTo(value)));
  expect(ticks(1, 1)).toEqual([1]);
});

it("softmax, argmax and activations agree with their definitions", () => {
  expect(softmax([1000, 1000])).toEqual([0.5, 0.5]);
  expect([argmax([1, 3, 3]), argmax([])]).toEqual([1, -1]);
  // Values of torch.nn.functional at x = -1.5.
  const at = Object.fromEntries(Object.entries(ACTIVATIONS).map(([kind, f]) => [kind, f(-1.5, {}).toFixed(4)]));
  expect(at).toEqual({
    identity: "-1.5000",
    relu: "0.0000",
    leaky_relu: "-0.0150",
    tanh: "-0.9051",
    step: "0.0000",
    sigmoid: "0.1824",
    gelu: "-0.1002",
  });
  expect(erf(0.5)).toBeCloseTo(0.5204998778, 6);
});

it("a hundred classes differ by colour or shape, neighbours by both", () => {
  const styles = Array.from({ length: 100 }, (_, i) => classStyle(i));
  expect(new Set(styles.map(({ color, shape }) => color + shape)).size).toBe(100);
  expect(new Set(styles.slice(0, 10).map(({ shape }) => shape)).size).toBe(10);
  for (const shape of SHAPES) expect(shapePath(shape)).toMatch(/^M.*Z$/);
});

it("forgives what is missing in an open record", () => {
  const extra = { a: 1, b: ["x", 2], c: [[[1]]], d: [1, null] };
  expect([numberIn(extra, "a"), numberIn(extra, "z", 7)]).toEqual([1, 7]);
  expect(textsIn(extra, "b")).toEqual(["x", "2"]);
  expect(numbersIn(extra, "d")).toEqual([1, NaN]);
  expect([cubeIn(extra, "c"), cubeIn(extra, "b")]).toEqual([[[[1]]], null]);
});

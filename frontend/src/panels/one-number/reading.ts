/** The `one_number` probe's answer, made ready to show. Pure. */
import { cubeIn, numberIn, numbersIn, textIn, type Extra } from "../../math/extra";
import { readUpdate, type UpdateReading } from "../update";

/** What makes the number, what the loss says about it, what the next step does to one of its weights. */
export type Way = "forward" | "backward" | "update";

/** One input channel's share of a convolution: patch ⊙ filter and its sum. */
export interface Channel {
  patch: number[][];
  weight: number[][];
  gradient: number[][] | null;
  subtotal: number;
}

export interface Term {
  index: number;
  input: number;
  weight: number;
  product: number;
  /** Of the loss for this weight, on the fixed training batch. */
  gradient: number | null;
}

interface Common {
  bias: number;
  sum: number;
  result: number;
  inputNode: string;
  /** Gradient of this example's loss for the number itself; null where the example has no label. */
  delta: number | null;
  /** Undefined where it was not asked for, null where no optimizer moves the weight. */
  update: UpdateReading | null | undefined;
}

export interface ConvReading extends Common {
  kind: "conv2d";
  channels: Channel[];
  top: number;
  left: number;
}

export interface LinearReading extends Common {
  kind: "linear";
  /** Largest products first. */
  terms: Term[];
  /** What all terms that are not listed add up to. */
  rest: number;
}

export type Reading = ConvReading | LinearReading;

const subtotal = (patch: number[][], weight: number[][]): number =>
  patch.reduce((sum, row, i) => sum + row.reduce((part, value, j) => part + value * (weight[i]?.[j] ?? 0), 0), 0);

/** Null for anything that is not one number of a convolution or a dense layer. */
export function readNumber(extra: Extra): Reading | null {
  const common = {
    bias: numberIn(extra, "bias", 0),
    sum: numberIn(extra, "sum"),
    result: numberIn(extra, "result"),
    inputNode: textIn(extra, "input_node"),
    delta: typeof extra["delta"] === "number" ? extra["delta"] : null,
    update: "update" in extra ? readUpdate(extra["update"]) : undefined,
  };
  if (extra["kind"] === "conv2d") {
    const [patches, weights, gradients] = [cubeIn(extra, "patch"), cubeIn(extra, "weight"), cubeIn(extra, "gradient")];
    if (!patches || !weights) return null;
    const channels = patches.map((patch, c) => {
      const weight = weights[c] ?? [];
      return { patch, weight, gradient: gradients?.[c] ?? null, subtotal: subtotal(patch, weight) };
    });
    return { ...common, kind: "conv2d", channels, top: numberIn(extra, "top", 0), left: numberIn(extra, "left", 0) };
  }
  if (extra["kind"] === "linear") {
    const [inputs, weights, products] = [
      numbersIn(extra, "inputs"),
      numbersIn(extra, "weights"),
      numbersIn(extra, "products"),
    ];
    const gradients = extra["gradient"] ? numbersIn(extra, "gradient") : null;
    const terms = numbersIn(extra, "indices").map((index, i) => ({
      index,
      input: inputs[i] ?? NaN,
      weight: weights[i] ?? NaN,
      product: products[i] ?? NaN,
      gradient: gradients?.[i] ?? null,
    }));
    return { ...common, kind: "linear", terms, rest: common.sum - terms.reduce((sum, term) => sum + term.product, 0) };
  }
  return null;
}

/** Smallest and largest of all numbers of some matrices; the largest size counts both ways where `symmetric`. */
export function span(
  matrices: readonly (readonly (readonly number[])[])[],
  symmetric: boolean,
): [lo: number, hi: number] {
  let [lo, hi] = [Infinity, -Infinity];
  for (const matrix of matrices)
    for (const row of matrix) for (const value of row) [lo, hi] = [Math.min(lo, value), Math.max(hi, value)];
  if (!(hi >= lo)) return [0, 0];
  const reach = Math.max(Math.abs(lo), Math.abs(hi));
  return symmetric ? [-reach, reach] : [lo, hi];
}

/** The cell one step further, kept within sizes (channels, rows, columns). */
export function moved<C extends { channel: number; row: number; column: number }>(
  cell: C,
  sizes: readonly number[],
  by: Partial<Record<"channel" | "row" | "column", number>>,
): C {
  const within = (value: number, size = 1): number => Math.max(0, Math.min(size - 1, value));
  return {
    ...cell,
    channel: within(cell.channel + (by.channel ?? 0), sizes[0]),
    row: within(cell.row + (by.row ?? 0), sizes[1]),
    column: within(cell.column + (by.column ?? 0), sizes[2]),
  };
}

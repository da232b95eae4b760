/** A window that slides over maps, and the sum that it forms, with its numbers. Pure. */
import { numberIn, numbersIn, textIn, type Extra } from "../math/extra";

type Pair = readonly [down: number, across: number];

export interface Sliding {
  kind: string;
  inputNode: string;
  /** Input (C, H, W), kernels (F, C/groups, kh, kw) and output (F, H', W'). */
  x: Float32Array;
  w: Float32Array;
  y: Float32Array;
  input: readonly number[];
  kernels: readonly number[];
  output: readonly number[];
  bias: readonly number[];
  /** How many filters there are, and the first one that is here. */
  filters: number;
  first: number;
  groups: number;
  window: Pair;
  stride: Pair;
  padding: Pair;
  dilation: Pair;
}

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);
const pair = (extra: Extra, key: string): Pair => {
  const [down = 1, across = 1] = numbersIn(extra, key);
  return [down, across];
};

/** The `sliding_window` probe's answer; null for anything else. */
export function readSliding(extra: Extra, values: Float32Array | null): Sliding | null {
  const [input, kernels, output] = ["input", "kernels", "output"].map((key) => numbersIn(extra, key));
  if (!values || !input || !kernels || !output || input.length !== 3 || output.length !== 3) return null;
  const [inputs, weights] = [product(input), product(kernels)];
  if (values.length !== inputs + weights + product(output)) return null;
  return {
    kind: textIn(extra, "kind"),
    inputNode: textIn(extra, "input_node"),
    x: values.subarray(0, inputs),
    w: values.subarray(inputs, inputs + weights),
    y: values.subarray(inputs + weights),
    input,
    kernels,
    output,
    bias: numbersIn(extra, "bias"),
    filters: numberIn(extra, "filters", 1),
    first: numberIn(extra, "first", 0),
    groups: numberIn(extra, "groups", 1),
    window: pair(extra, "window"),
    stride: pair(extra, "stride"),
    padding: pair(extra, "padding"),
    dilation: pair(extra, "dilation"),
  };
}

export interface Place {
  /** Filter, counted from the first that is here. */
  filter: number;
  row: number;
  column: number;
}

/** What one channel adds to a number. */
export interface Term {
  channel: number;
  patch: number[][];
  /** Null in a pooling layer. */
  kernel: number[][] | null;
  products: number[][] | null;
  subtotal: number;
}

export interface Sum {
  terms: Term[];
  bias: number;
  /** Formed here from the numbers shown, and what the network computed. */
  result: number;
  stored: number;
}

export const pools = (kind: string): boolean => kind.includes("pool");
const takesMost = (kind: string): boolean => kind.startsWith("max");

/** Where the first filter answers most: a place worth looking at first. */
export function strongest({ y, output }: Sliding): Place {
  const [, height = 1, width = 1] = output;
  let best = 0;
  for (let i = 1; i < height * width; i++) if (Math.abs(y[i] ?? 0) > Math.abs(y[best] ?? 0)) best = i;
  return { filter: 0, row: Math.floor(best / width), column: best % width };
}

/** Where the window stands in the input for a place of the output; outside the picture it is negative or beyond. */
export const corner = ({ stride, padding }: Sliding, { row, column }: Place): Pair => [
  row * stride[0] - padding[0],
  column * stride[1] - padding[1],
];

/** Height and width that the window reaches over, gaps included. */
export const reach = ({ window, dilation }: Sliding): Pair => [
  dilation[0] * (window[0] - 1) + 1,
  dilation[1] * (window[1] - 1) + 1,
];

/** The input channels that a filter reads. */
export function channelsOf(sliding: Sliding, filter: number): number[] {
  if (pools(sliding.kind)) return [sliding.first + filter];
  const each = sliding.kernels[1] ?? 1;
  const block = Math.floor((sliding.first + filter) / Math.max(1, sliding.filters / sliding.groups));
  return Array.from({ length: each }, (_, c) => block * each + c);
}

const table = (rows: number, columns: number, at: (i: number, j: number) => number): number[][] =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => at(i, j)));

/** The numbers of one input channel under the window; padding counts as 0, or as nothing where the largest is kept. */
export function patchOf(sliding: Sliding, channel: number, place: Place): number[][] {
  const [, height = 1, width = 1] = sliding.input;
  const [top, left] = corner(sliding, place);
  const empty = takesMost(sliding.kind) ? -Infinity : 0;
  return table(sliding.window[0], sliding.window[1], (u, v) => {
    const [i, j] = [top + u * sliding.dilation[0], left + v * sliding.dilation[1]];
    if (i < 0 || j < 0 || i >= height || j >= width) return empty;
    return sliding.x[(channel * height + i) * width + j] ?? NaN;
  });
}

export function kernelOf(sliding: Sliding, filter: number, index: number): number[][] {
  const [, channels = 1, height = 1, width = 1] = sliding.kernels;
  const start = (filter * channels + index) * height * width;
  return table(height, width, (u, v) => sliding.w[start + u * width + v] ?? NaN);
}

const total = (rows: readonly (readonly number[])[]): number => rows.flat().reduce((sum, value) => sum + value, 0);

/** How the number at a place comes about. */
export function sumAt(sliding: Sliding, place: Place): Sum {
  const [, height = 1, width = 1] = sliding.output;
  const stored = sliding.y[(place.filter * height + place.row) * width + place.column] ?? NaN;
  const bias = pools(sliding.kind) ? 0 : (sliding.bias[place.filter] ?? 0);
  const terms = channelsOf(sliding, place.filter).map((channel, index): Term => {
    const patch = patchOf(sliding, channel, place);
    if (pools(sliding.kind)) {
      const all = patch.flat();
      const subtotal = takesMost(sliding.kind) ? Math.max(...all) : total(patch) / all.length;
      return { channel, patch, kernel: null, products: null, subtotal };
    }
    const kernel = kernelOf(sliding, place.filter, index);
    const products = patch.map((row, u) => row.map((value, v) => value * (kernel[u]?.[v] ?? 0)));
    return { channel, patch, kernel, products, subtotal: total(products) };
  });
  return { terms, bias, result: terms.reduce((sum, term) => sum + term.subtotal, bias), stored };
}

const within = (value: number, size = 1): number => Math.max(0, Math.min(size - 1, value));

/** The place of the output whose window is centred nearest to a pixel of the input. */
export function placeAt(sliding: Sliding, filter: number, row: number, column: number): Place {
  const [, rows, columns] = sliding.output;
  const [tall, wide] = reach(sliding);
  const near = (at: number, size: number, padding: number, stride: number): number =>
    Math.round((at + padding - (size - 1) / 2) / stride);
  return {
    filter,
    row: within(near(row, tall, sliding.padding[0], sliding.stride[0]), rows),
    column: within(near(column, wide, sliding.padding[1], sliding.stride[1]), columns),
  };
}

/** The same place in an output of other sizes. */
export const kept = ({ output }: Sliding, { filter, row, column }: Place): Place => ({
  filter: within(filter, output[0]),
  row: within(row, output[1]),
  column: within(column, output[2]),
});

/** So many steps further, row by row and filter by filter; round at the end. */
export function stepped({ output }: Sliding, { filter, row, column }: Place, by: number): Place {
  const [filters = 1, rows = 1, columns = 1] = output;
  const all = filters * rows * columns;
  const at = (((((filter * rows + row) * columns + column + by) % all) + all) % all) | 0;
  return { filter: Math.floor(at / (rows * columns)), row: Math.floor(at / columns) % rows, column: at % columns };
}

export interface Cost {
  connections: number;
  parameters: number;
}

/** Connections and parameters of the layer, and of a dense layer from the same inputs to the same outputs. */
export function costs(sliding: Sliding): { here: Cost; dense: Cost } {
  const [, height = 1, width = 1] = sliding.output;
  const outputs = sliding.filters * height * width;
  const inputs = product(sliding.input);
  const each = (sliding.kernels[1] ?? 1) * sliding.window[0] * sliding.window[1];
  const here = pools(sliding.kind)
    ? { connections: outputs * sliding.window[0] * sliding.window[1], parameters: 0 }
    : { connections: outputs * each, parameters: sliding.filters * (each + 1) };
  return { here, dense: { connections: inputs * outputs, parameters: (inputs + 1) * outputs } };
}

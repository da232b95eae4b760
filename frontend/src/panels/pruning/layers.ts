/** What pruning has left of each layer, from a frame of the probe `pruning`. Pure. */
import { numberIn, textIn } from "../../math/extra";
import { count, percent } from "../../math/format";
import type { Frame } from "../../stores/frames";
import type { Bar } from "../../ui/Bars.svelte";
import { blocks } from "../wiring";

export interface LayerLeft {
  node: string;
  left: number;
  total: number;
}

export interface Left {
  layers: LayerLeft[];
  /** Rounds so far, and the step of the last one. */
  done: number;
  last: number;
}

export function readLeft({ header, floats }: Pick<Frame, "header" | "floats">): Left {
  const layers = blocks(header.extra).map((layer, i) => ({
    node: textIn(layer, "node"),
    left: floats?.[2 * i] ?? 0,
    total: floats?.[2 * i + 1] ?? 0,
  }));
  return { layers, done: numberIn(header.extra, "done", 0), last: numberIn(header.extra, "last", 0) };
}

/** A bar a layer: the share that is left. */
export const leftBars = (layers: readonly LayerLeft[], nameOf: (node: string) => string): Bar[] =>
  layers.map(({ node, left, total }) => ({
    label: nameOf(node),
    value: left / Math.max(1, total),
    text: `${count(left)} of ${count(total)}`,
  }));

/** Everything together, in words. */
export function leftWords(layers: readonly LayerLeft[]): string {
  const [left, total] = layers.reduce<[number, number]>(([a, b], layer) => [a + layer.left, b + layer.total], [0, 0]);
  if (left === total) return `All ${count(total)} weights are there.`;
  return `${count(left)} of ${count(total)} weights are left: ${percent(1 - left / total)} are out.`;
}

/** Layers of which only the largest weight was left. */
export const prunedAway = (layers: readonly LayerLeft[]): string[] =>
  layers.filter(({ left, total }) => left <= 1 && total > 1).map(({ node }) => node);

/** The settings that take out that share now (after `step`), or begin then with the first of several rounds. */
export const wishOf = (
  sparsity: number,
  rounds: number,
  every: number,
  step: number,
  scope: string,
  rewind: string,
) => ({
  sparsity,
  rounds,
  every,
  first: step,
  scope,
  rewind,
});

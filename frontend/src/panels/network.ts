/** Reading the network of an experiment: names, neighbours, roles. */
import { ACTIVATIONS } from "../math/vectors";
import type { Experiment, Node } from "../protocol/types";
import { layerName } from "../stores/names";

export function nodeOf(experiment: Experiment | undefined, id: string): Node | undefined {
  return experiment?.network.nodes.find((node) => node.id === id);
}

/** What people call a node. */
export function nameOf(experiment: Experiment | undefined, id: string): string {
  return layerName(experiment?.network, id);
}

/** The activation that alone reads this node's output; undefined where there is none. */
export function activationAfter(experiment: Experiment | undefined, id: string): Node | undefined {
  const readers = experiment?.network.edges.filter((edge) => edge.source === id) ?? [];
  const [only] = readers;
  if (readers.length !== 1 || !only) return undefined;
  const node = nodeOf(experiment, only.target);
  return node && node.kind in ACTIVATIONS ? node : undefined;
}

/** The one node that feeds this one; undefined for none or several. */
export function feederOf(experiment: Experiment | undefined, id: string): Node | undefined {
  const feeders = experiment?.network.edges.filter((edge) => edge.target === id) ?? [];
  return feeders.length === 1 && feeders[0] ? nodeOf(experiment, feeders[0].source) : undefined;
}

/**
 * The convolution or dense layer whose numbers a picture of `id` shows: itself, or what an activation is applied to.
 */
export function computedBy(experiment: Experiment | undefined, id: string): Node | undefined {
  const node = nodeOf(experiment, id);
  if (!node) return undefined;
  if (node.kind === "conv2d" || node.kind === "linear") return node;
  if (!(node.kind in ACTIVATIONS)) return undefined;
  const before = feederOf(experiment, id);
  return before && (before.kind === "conv2d" || before.kind === "linear") ? before : undefined;
}

/** Does the recipe read the network's answer from this node? */
export const isOutput = (experiment: Experiment | undefined, id: string): boolean =>
  experiment?.recipe.config["output"] === id;

/** `test:5` in words: `test image 5`, `your drawing`. */
export function sourceName(source: string, noun = "image"): string {
  if (source === "mine") return "your drawing";
  const [split = "test", index = "0"] = source.split(":");
  return `${split === "train" ? "training" : "test"} ${noun} ${Number(index).toLocaleString("en-GB")}`;
}

/** The weights and biases of every small dense layer, from a frame of the probe `wiring`. */
import { numberIn, textIn, type Extra } from "../math/extra";
import type { Frame } from "../stores/frames";

export interface LayerWeights {
  node: string;
  units: number;
  inputs: number;
  /** Row by row, one row per unit. */
  weights: Float32Array;
  biases: Float32Array | null;
  /** Places in `weights` that are pruned. */
  pruned: ReadonlySet<number>;
}

/** What a frame says of each of its layers. */
export function blocks(extra: Extra): Record<string, unknown>[] {
  const layers = extra["layers"];
  return Array.isArray(layers) ? (layers as Record<string, unknown>[]) : [];
}

/** By node. */
export function readWiring(frame: Frame): Map<string, LayerWeights> {
  const floats = frame.floats ?? new Float32Array(0);
  const out = frame.header.extra["pruned"];
  const places = Array.isArray(out) ? (out as number[]) : [];
  return new Map(
    blocks(frame.header.extra).map((layer) => {
      const [node, units, inputs] = [textIn(layer, "node"), numberIn(layer, "units", 0), numberIn(layer, "inputs", 0)];
      const [weight, bias] = [numberIn(layer, "weight", 0), numberIn(layer, "bias", -1)];
      const weights = floats.subarray(weight, weight + units * inputs);
      const biases = bias < 0 ? null : floats.subarray(bias, bias + units);
      const inside = places.filter((place) => place >= weight && place < weight + weights.length);
      const pruned = new Set(inside.map((place) => place - weight));
      return [node, { node, units, inputs, weights, biases, pruned }] as const;
    }),
  );
}

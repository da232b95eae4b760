/** The `activation_function` probe's frame. Pure. */
import { numberIn } from "../../math/extra";
import type { Experiment, Node } from "../../protocol/types";
import type { Frame } from "../../stores/frames";
import { nodeOf } from "../network";

/** Layers that are a function of one input, number by number (maxout: of its first). */
const FUNCTIONS = new Set(
  "relu leaky_relu prelu rrelu elu gelu silu softplus step sigmoid tanh identity maxout".split(" "),
);
/** What may stand between a layer and its activation. */
const BETWEEN = new Set(["batch_norm", "layer_norm", "dropout", "identity"]);

/** The activation that this layer is, or that its output goes through; undefined for none. */
export function activationOf(experiment: Experiment | undefined, id: string): Node | undefined {
  const node = nodeOf(experiment, id);
  if (!node || FUNCTIONS.has(node.kind)) return node;
  let here = id;
  for (let i = 0; i < 4; i++) {
    const readers = experiment?.network.edges.filter((edge) => edge.source === here) ?? [];
    const next = readers.length === 1 && readers[0] ? nodeOf(experiment, readers[0].target) : undefined;
    if (!next) return undefined;
    if (FUNCTIONS.has(next.kind) && next.kind !== "maxout") return next;
    if (!BETWEEN.has(next.kind)) return undefined;
    here = next.id;
  }
  return undefined;
}

export interface FunctionPicture {
  lo: number;
  hi: number;
  values: number[];
  slopes: number[];
  counts: number[];
  /** Share of inputs where the derivative is nearly zero. */
  flat: number;
  inputs: number;
  /** Learned slope of a PReLU, and how many there are. */
  slope: number | null;
  slopesLearned: number;
}

export function readFunction({ header: { extra, shape }, floats }: Pick<Frame, "header" | "floats">): FunctionPicture {
  const size = shape[1] ?? 0;
  const row = (i: number): number[] => [...(floats?.subarray(i * size, (i + 1) * size) ?? [])];
  const slope = numberIn(extra, "slope");
  return {
    lo: numberIn(extra, "lo", -4),
    hi: numberIn(extra, "hi", 4),
    values: row(0),
    slopes: row(1),
    counts: row(2),
    flat: numberIn(extra, "flat", 0),
    inputs: numberIn(extra, "inputs", 0),
    slope: Number.isNaN(slope) ? null : slope,
    slopesLearned: numberIn(extra, "slopes", 0),
  };
}

export const along = (picture: FunctionPicture, row: readonly number[]): [number, number][] =>
  row.map((value, i) => [picture.lo + (i * (picture.hi - picture.lo)) / Math.max(1, row.length - 1), value]);

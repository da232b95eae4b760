/** The `histogram` probe's frame as what a histogram plot shows. Pure. */
import { numberIn } from "../math/extra";
import type { Frame } from "../stores/frames";

export interface Spread {
  counts: Float32Array;
  lo: number;
  hi: number;
  mean: number;
  std: number;
  norm: number;
  zeros: number;
  nonfinite: number;
}

export function spreadOf({ header: { extra }, floats }: Pick<Frame, "header" | "floats">): Spread {
  return {
    counts: floats ?? new Float32Array(0),
    lo: numberIn(extra, "lo", 0),
    hi: numberIn(extra, "hi", 1),
    mean: numberIn(extra, "mean", 0),
    std: numberIn(extra, "std", 0),
    norm: numberIn(extra, "norm", 0),
    zeros: numberIn(extra, "zeros", 0),
    nonfinite: numberIn(extra, "nonfinite", 0),
  };
}

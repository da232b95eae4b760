/** Units over a sequence and the connections between them, each with the weight that it shares. Pure. */
import { channelsOf, corner, kernelOf, type Sliding } from "../window";

export interface Wire {
  /** Place of the input and of the unit. */
  from: number;
  to: number;
  /** Which of the filter's weights: wires with the same number are tied. */
  tie: number;
  weight: number;
}

/** Longer sequences are shown from their beginning. */
export const MOST_PLACES = 24;

/** Every connection of a filter with one of the channels that it reads; nothing where the window hangs over the end. */
export function wiresOf(sliding: Sliding, filter: number, index: number): Wire[] {
  const places = Math.min(sliding.input[2] ?? 0, MOST_PLACES);
  const units = sliding.output[2] ?? 0;
  const kernel = kernelOf(sliding, filter, index)[0] ?? [];
  return Array.from({ length: units }, (_, to) =>
    kernel.map((weight, tie): Wire => {
      const [, left] = corner(sliding, { filter, row: 0, column: to });
      return { from: left + tie * sliding.dilation[1], to, tie, weight };
    }),
  )
    .flat()
    .filter(({ from, to }) => from >= 0 && from < places && to < MOST_PLACES);
}

/** The numbers at the places of one input channel, and of a filter's units. */
export function valuesOf(sliding: Sliding, filter: number, index: number): { inputs: number[]; units: number[] } {
  const [, , length = 0] = sliding.input;
  const channel = channelsOf(sliding, filter)[index] ?? 0;
  const units = sliding.output[2] ?? 0;
  return {
    inputs: [...sliding.x.subarray(channel * length, (channel + 1) * length)].slice(0, MOST_PLACES),
    units: [...sliding.y.subarray(filter * units, (filter + 1) * units)].slice(0, MOST_PLACES),
  };
}

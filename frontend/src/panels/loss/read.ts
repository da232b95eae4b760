/** The `loss_curve` probe's frame: curves over the output, and the examples on them. Pure. */
import { numberIn, textIn, textsIn } from "../../math/extra";
import type { Frame } from "../../stores/frames";

export interface LossPicture {
  mode: "answers" | "error" | "one";
  lo: number;
  hi: number;
  /** For each curve its losses over equally spaced outputs. */
  curves: [number, number][][];
  examples: { x: number; y: number; row: number }[];
  /** Mean over the examples. */
  mean: number;
  classes: string[];
  unit: number;
  units: number;
  wanted: string;
}

export function readLoss({ header: { extra }, floats }: Pick<Frame, "header" | "floats">): LossPicture {
  const [rows, places, examples] = ["curves", "places", "examples"].map((key) => numberIn(extra, key, 0)) as [
    number,
    number,
    number,
  ];
  const [lo, hi] = [numberIn(extra, "lo", -1), numberIn(extra, "hi", 1)];
  const at = (i: number): number => floats?.[i] ?? NaN;
  const mode = textIn(extra, "mode");
  return {
    mode: mode === "answers" || mode === "error" ? mode : "one",
    lo,
    hi,
    curves: Array.from({ length: rows }, (_, row) =>
      Array.from({ length: places }, (__, i) => [lo + (i * (hi - lo)) / Math.max(1, places - 1), at(row * places + i)]),
    ),
    examples: Array.from({ length: examples }, (_, i) => {
      const from = rows * places + 3 * i;
      return { x: at(from), y: at(from + 1), row: at(from + 2) };
    }),
    mean: numberIn(extra, "mean", 0),
    classes: textsIn(extra, "classes"),
    unit: numberIn(extra, "unit", 0),
    units: numberIn(extra, "units", 1),
    wanted: textIn(extra, "wanted"),
  };
}

/** What to draw upwards: room for the examples, and for the curves as far as the data reach twice. */
export function heights(picture: LossPicture): [number, number] {
  const shown = picture.examples.map(({ y }) => y).filter(Number.isFinite);
  const curves = picture.curves.flat().map(([, y]) => y);
  const low = Math.min(0, ...curves, ...shown);
  const high = Math.max(...shown, 0.5 * Math.max(...curves), low + 1e-6);
  return [low, high * 1.08];
}

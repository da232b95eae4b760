/** What the `shift` and `shift_accuracy` probes say, made ready to show. Pure. */
import { numberIn, numbersIn, textsIn, textIn, type Extra } from "../math/extra";
import { percent } from "../math/format";

export interface LayerShift {
  node: string;
  /** Share of its numbers that changed, and how far all of them moved. */
  changed: number;
  distance: number;
  /** How far the maps are from having moved along; null where that can not be said. */
  along: number | null;
}

export interface Answer {
  /** The network of a race; empty for the only one. */
  name: string;
  before: string;
  after: string;
  sure: [number, number];
  same: boolean;
}

export interface Shifted {
  picture: { sizes: number[]; before: Float32Array; after: Float32Array };
  map: { sizes: number[]; before: Float32Array; after: Float32Array };
  layers: LayerShift[];
  answers: Answer[];
  by: [right: number, down: number];
}

const records = (extra: Extra, key: string): Extra[] => {
  const value = extra[key];
  return Array.isArray(value) ? (value as Extra[]) : [];
};
const all = (sizes: readonly number[]): number => sizes.reduce((product, size) => product * size, 1);

/** Null for anything else. */
export function readShift(extra: Extra, values: Float32Array | null): Shifted | null {
  const [picture, map] = [numbersIn(extra, "picture"), numbersIn(extra, "map")];
  const [pixels, places] = [all(picture), all(map)];
  if (!values || picture.length !== 3 || values.length !== 2 * pixels + 2 * places) return null;
  const classes = textsIn(extra, "classes");
  const [right = 0, down = 0] = numbersIn(extra, "by");
  return {
    picture: { sizes: picture, before: values.subarray(0, pixels), after: values.subarray(pixels, 2 * pixels) },
    map: {
      sizes: [1, ...map],
      before: values.subarray(2 * pixels, 2 * pixels + places),
      after: values.subarray(2 * pixels + places),
    },
    layers: records(extra, "layers").map((row) => ({
      node: textIn(row, "node"),
      changed: numberIn(row, "changed"),
      distance: numberIn(row, "distance"),
      along: typeof row["along"] === "number" ? row["along"] : null,
    })),
    answers: records(extra, "answers").map((row) => {
      const [from = 0, to = 0] = numbersIn(row, "classes");
      const [one = NaN, other = NaN] = numbersIn(row, "sure");
      return {
        name: textIn(row, "name"),
        before: classes[from] ?? String(from),
        after: classes[to] ?? String(to),
        sure: [one, other] as [number, number],
        same: from === to,
      };
    }),
    by: [right, down],
  };
}

export interface ShiftCurve {
  name: string;
  /** Accuracy by pixels of shift, from 0 on. */
  values: number[];
}

/** One curve for each network; columns of (pixels, accuracy ...). */
export function readCurves(extra: Extra, shape: readonly number[], values: Float32Array | null): ShiftCurve[] {
  const [rows = 0, columns = 0] = shape;
  if (!values || values.length !== rows * columns) return [];
  return textsIn(extra, "networks").map((name, i) => ({
    name,
    values: Array.from({ length: rows }, (_, row) => values[row * columns + 1 + i] ?? NaN),
  }));
}

/** `moves along`, or by how much it does not. */
export const alongWords = (along: number | null): string =>
  along === null ? "–" : along < 0.005 ? "yes" : `off by ${percent(along, 0)}`;

const most = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value));

/** A shift that keeps something of the picture in sight. */
export const bounded = (
  right: number,
  down: number,
  [, height = 1, width = 1]: readonly number[],
): [number, number] => [most(right, Math.floor(width / 2)), most(down, Math.floor(height / 2))];

/** What the `exciting_patches` probe says, made ready to show. Pure. */
import { numberIn, numbersIn, type Extra } from "../../math/extra";

export interface Patch {
  /** Number of the training picture, and row and column of the unit. */
  picture: number;
  at: [row: number, column: number];
  answer: number;
}

export interface PatchRow {
  channel: number;
  patches: Patch[];
}

/** Along one axis: pixels from unit to unit, where the first one's field begins, how large a field is. */
export type Reach = readonly [jump: number, start: number, size: number];

export interface Patches {
  rows: PatchRow[];
  /** (C, h, w) of one patch. */
  sizes: number[];
  reach: [down: Reach, across: Reach];
  total: number;
}

const records = (value: unknown): Extra[] => (Array.isArray(value) ? (value as Extra[]) : []);
const reachOf = (value: unknown): Reach => {
  const [jump = 1, start = 0, size = 1] = Array.isArray(value) ? (value as number[]) : [];
  return [jump, start, size];
};

export function readPatches(extra: Extra, shape: readonly number[]): Patches | null {
  if (shape.length !== 5) return null;
  const reach: unknown[] = Array.isArray(extra["reach"]) ? extra["reach"] : [];
  return {
    rows: records(extra["rows"]).map((row) => {
      const [pictures, answers] = [numbersIn(row, "pictures"), numbersIn(row, "answers")];
      const places = Array.isArray(row["at"]) ? (row["at"] as number[][]) : [];
      return {
        channel: numberIn(row, "channel", 0),
        patches: pictures.map((picture, i) => ({
          picture,
          at: [places[i]?.[0] ?? 0, places[i]?.[1] ?? 0],
          answer: answers[i] ?? NaN,
        })),
      };
    }),
    sizes: shape.slice(2),
    reach: [reachOf(reach[0]), reachOf(reach[1])],
    total: numberIn(extra, "total", 1),
  };
}

/** The part of a picture (height, width) that a unit sees, as a window. */
export function fieldOf(
  [down, across]: Patches["reach"],
  row: number,
  column: number,
  [height = 1, width = 1]: readonly number[],
): { top: number; left: number; cells: [number, number]; dilation: [number, number] } {
  const along = ([jump, start, size]: Reach, unit: number, length: number): [number, number] => {
    const first = Math.max(0, Math.min(length - 1, start + unit * jump));
    const last = Math.max(first + 1, Math.min(length, start + unit * jump + size));
    return [first, last - first];
  };
  const [top, tall] = along(down, row, height);
  const [left, wide] = along(across, column, width);
  return { top, left, cells: [tall, wide], dilation: [1, 1] };
}

/** The landscape of the loss as its lines come in. Pure. */
import type { LandscapeBegun, LandscapeRows } from "../../protocol/types";
import type { Values } from "../../math/values";

export interface Survey {
  plane: LandscapeBegun;
  /** The losses, row by row from below; missing rows have not come yet. */
  rows: (number | null)[][];
}

export const begun = (plane: LandscapeBegun): Survey => ({ plane, rows: [] });

export function withRows({ plane, rows }: Survey, { first, rows: more }: LandscapeRows): Survey {
  return { plane, rows: [...rows.slice(0, first), ...more] };
}

export const complete = ({ plane, rows }: Survey): boolean => rows.length === plane.size;

/** Smallest and largest finite loss; null where there is none. */
export function extentOf({ rows }: Survey): { low: number; high: number } | null {
  let [low, high] = [Infinity, -Infinity];
  for (const row of rows) {
    for (const loss of row) {
      if (loss === null) continue;
      low = Math.min(low, loss);
      high = Math.max(high, loss);
    }
  }
  return low <= high ? { low, high } : null;
}

/**
 * Heights 0..1 as a picture, its first row on top: the logarithm of the loss above the lowest one, since valleys are
 * flat beside their walls. NaN where there is none yet, or none that is finite.
 */
export function heights(survey: Survey): Values {
  const { size } = survey.plane;
  const floats = new Float32Array(size * size).fill(NaN);
  const extent = extentOf(survey);
  const scale = extent ? scaleOf(extent) : null;
  survey.rows.forEach((row, j) => {
    row.forEach((loss, i) => {
      if (loss !== null && scale) floats[(size - 1 - j) * size + i] = scale(loss);
    });
  });
  return { shape: [size, size], axes: ["y", "x"], lo: 0, hi: 1, bytes: null, floats };
}

function scaleOf({ low, high }: { low: number; high: number }): (loss: number) => number {
  const span = high - low || 1;
  const sharp = 60;
  return (loss) => Math.log1p((sharp * (loss - low)) / span) / Math.log1p(sharp);
}

/** Where on the picture (0..1 each way, from the upper left) a point of the plane lies. */
export function placeOf({ centre, span }: LandscapeBegun, x: number, y: number): { across: number; down: number } {
  return { across: (x - centre[0] + span[0]) / (2 * span[0]), down: (centre[1] + span[1] - y) / (2 * span[1]) };
}

/** The loss at a place of the picture; null where there is none. */
export function lossAt({ plane, rows }: Survey, across: number, down: number): number | null {
  const place = (share: number): number => Math.max(0, Math.min(plane.size - 1, Math.round(share * (plane.size - 1))));
  return rows[place(1 - down)]?.[place(across)] ?? null;
}

/** Where weights point, and where they came from. Pure. */
import { numberIn, numbersIn, type Extra } from "../../math/extra";

export interface Arrow {
  x: number;
  y: number;
  length: number;
  /** The weights are no longer numbers. */
  overflowed: boolean;
  /** Degrees from the principal direction, 0 to 90. */
  angle: number;
  principal: readonly [number, number];
  /** Mean squares of the data along the principal direction and across. */
  squares: readonly [number, number];
}

export function readArrow(extra: Extra, floats: Float32Array): Arrow {
  const [px = 1, py = 0] = numbersIn(extra, "principal");
  const [along = 0, across = 0] = numbersIn(extra, "squares");
  return {
    x: floats[0] ?? 0,
    y: floats[1] ?? 0,
    length: numberIn(extra, "length", 0),
    overflowed: extra["overflowed"] === true,
    angle: numberIn(extra, "angle", 90),
    principal: [px, py],
    squares: [along, across],
  };
}

/** The share of the largest mean square that the direction of the weights sees. */
export function seen({ angle, squares: [along, across] }: Arrow): number {
  const cosine = Math.cos((angle * Math.PI) / 180) ** 2;
  return along > 0 ? (along * cosine + across * (1 - cosine)) / along : NaN;
}

const MOST = 600;

/** The tips so far with another one; a step back begins anew. */
export interface Trail {
  step: number;
  tips: readonly (readonly [number, number])[];
}

export function extended(trail: Trail, step: number, arrow: Arrow): Trail {
  const before = step < trail.step ? [] : trail.tips;
  if (arrow.overflowed) return { step, tips: before };
  return { step, tips: [...before.slice(-MOST + 1), [arrow.x, arrow.y]] };
}

/** A tip no further away than `most`, in the same direction. */
export function within(x: number, y: number, most: number): [number, number] {
  const length = Math.hypot(x, y);
  return length > most ? [(x / length) * most, (y / length) * most] : [x, y];
}

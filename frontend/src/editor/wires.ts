/** Every weight between two columns of units as a line of its own. Pure. */
import { UNIT_PITCH, UNITS_OFFSET } from "../math/units";

export interface Wire {
  id: string;
  path: string;
  width: number;
  positive: boolean;
  /** `unit 2 → unit 5: 0.41`, without the number. */
  name: string;
  value: number;
}

export interface WireEnds {
  sourceX: number;
  sourceY: number;
  targetX: number;
  targetY: number;
}

const THINNEST = 0.3;
const WIDEST = 5;

/** Height of unit `i` of `count` against the middle of its card. */
export const unitOffset = (i: number, count: number): number => UNITS_OFFSET + (i - (count - 1) / 2) * UNIT_PITCH;

/** `weights` row by row: one row per unit of the target, one number per unit of the source. */
export function wiresOf(weights: ArrayLike<number>, sources: number, targets: number, ends: WireEnds): Wire[] {
  let largest = 1e-9;
  for (let i = 0; i < sources * targets; i++) largest = Math.max(largest, Math.abs(weights[i] ?? 0));
  const middle = (ends.sourceX + ends.targetX) / 2;
  return Array.from({ length: sources * targets }, (_, i) => {
    const [to, from] = [Math.floor(i / sources), i % sources];
    const value = weights[i] ?? 0;
    const y0 = ends.sourceY + unitOffset(from, sources);
    const y1 = ends.targetY + unitOffset(to, targets);
    const share = Math.abs(value) / largest;
    return {
      id: `${from}-${to}`,
      path: `M${ends.sourceX} ${y0}C${middle} ${y0} ${middle} ${y1} ${ends.targetX} ${y1}`,
      width: Math.round(100 * (THINNEST + (WIDEST - THINNEST) * share)) / 100,
      positive: value >= 0,
      name: `unit ${from} → unit ${to}`,
      value,
    };
  });
}

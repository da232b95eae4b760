/** A network of one input along the line: reading what arrives, and where it is drawn. Pure. */
import { linear, type Scale } from "../../math/scales";

export interface CurvePoint {
  x: number;
  value: number;
}

/** Rows of numbers at evenly spaced places: the middles of cells between `lo` and `hi`. */
export interface Rows {
  lo: number;
  hi: number;
  rows: Float32Array[];
}

export interface CurveBox {
  x: Scale;
  y: Scale;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export const LEFT = 40;
export const BOTTOM = 24;
const EDGE = 6;

export function readRows(floats: Float32Array | null, shape: readonly number[], lo: number, hi: number): Rows {
  const [count = 0, width = 0] = shape;
  const rows = Array.from({ length: count }, (_, i) =>
    (floats ?? new Float32Array(0)).slice(i * width, (i + 1) * width),
  );
  return { lo, hi, rows: rows.filter((row) => row.length === width) };
}

export function readCurvePoints(floats: ArrayLike<number> | null): CurvePoint[] {
  if (!floats) return [];
  return Array.from({ length: Math.floor(floats.length / 2) }, (_, i) => ({
    x: floats[2 * i] ?? NaN,
    value: floats[2 * i + 1] ?? NaN,
  }));
}

/** Place `i` of a row of so many. */
export const placeAt = ({ lo, hi }: Pick<Rows, "lo" | "hi">, i: number, count: number): number =>
  lo + ((i + 0.5) * (hi - lo)) / count;

/** The value of a row at x, straight between two places; NaN without a row. */
export function valueAlong(rows: Rows, row: number, x: number): number {
  const values = rows.rows[row];
  if (!values?.length) return NaN;
  const at = ((x - rows.lo) / (rows.hi - rows.lo)) * values.length - 0.5;
  const left = Math.max(0, Math.min(values.length - 1, Math.floor(at)));
  const right = Math.min(values.length - 1, left + 1);
  const share = Math.max(0, Math.min(1, at - left));
  return (values[left] ?? NaN) * (1 - share) + (values[right] ?? NaN) * share;
}

/** Heights with room around: those of the data, and of what is said as far as twice their extent. */
export function heights(points: readonly CurvePoint[], said: Rows | null): [number, number] {
  const values = points.map((point) => point.value).filter(Number.isFinite);
  const own = said?.rows[0] ? [...said.rows[0]].filter(Number.isFinite) : [];
  const seen = values.length ? values : own;
  if (!seen.length) return [-1, 1];
  let [lo, hi] = [Math.min(...seen), Math.max(...seen)];
  const extent = hi - lo || Math.abs(hi) || 1;
  if (own.length) {
    lo = Math.min(lo, Math.max(lo - extent / 2, Math.min(...own)));
    hi = Math.max(hi, Math.min(hi + extent / 2, Math.max(...own)));
  }
  const room = 0.06 * (hi - lo || extent);
  return [lo - room, hi + room];
}

export function curveBox(width: number, height: number, across: [number, number], up: [number, number]): CurveBox {
  const [left, top, right, bottom] = [LEFT, EDGE, Math.max(LEFT + 10, width - EDGE), Math.max(20, height - BOTTOM)];
  return { x: linear(across, [left, right]), y: linear(up, [bottom, top]), left, top, right, bottom };
}

/** Rows 1 and 2 where a network says an interval around its mean: one standard deviation below and above. */
export function intervalOf(said: Rows | null): [Float32Array, Float32Array] | null {
  const [, low, high] = said?.rows ?? [];
  return low && high && said?.rows.length === 3 ? [low, high] : null;
}

/** Slope and value at 0 of a network that is a single line. */
export function asLine(said: Rows): { slope: number; intercept: number } | null {
  const values = said.rows[0];
  const count = values?.length ?? 0;
  const [first, last] = [values?.[0], values?.[count - 1]];
  if (first === undefined || last === undefined || count < 2) return null;
  const slope = (last - first) / (placeAt(said, count - 1, count) - placeAt(said, 0, count));
  return { slope, intercept: first - slope * placeAt(said, 0, count) };
}

/** Two or more runs on one pair of axes: which curve to show, and where its points lie. */
import type { Series } from "../../protocol/types";

/** How the lines of runs are dashed, in turn. */
export const DASHES = ["none", "9 6", "3 5", "12 4 3 4", "6 3", "2 3 8 3"];

export interface Line {
  run: string;
  name: string;
  series: Record<string, Series>;
}

/** The curves that every one of the runs has; of one that only some have, nothing could be compared. */
export function commonCurves(lines: Line[]): string[] {
  const [first, ...others] = lines;
  if (!first) return [];
  return Object.keys(first.series)
    .filter((name) => others.every((line) => name in line.series))
    .sort();
}

export interface Extent {
  last: number;
  low: number;
  high: number;
}

/** A loss this many times as large as any began with is one that explodes. */
const EXPLODES = 2;

/**
 * The axes that hold every one of the curves; null where there is no point. `losses`: one that explodes runs out of the
 * picture, else nothing would be seen of the others.
 */
export function extentOf(curves: Series[], losses = false): Extent | null {
  const values = curves.flatMap((curve) => curve.values).filter(Number.isFinite);
  if (values.length === 0) return null;
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const begun = curves.map((curve) => curve.values.find(Number.isFinite) ?? 0);
  const most = EXPLODES * Math.max(...begun);
  if (losses && most > low) high = Math.min(high, most);
  const last = Math.max(1, ...curves.map((curve) => curve.steps.at(-1) ?? 0));
  return low === high ? { last, low: low - 0.5, high: high + 0.5 } : { last, low, high };
}

/** The `points` of a polyline in a box of that size. */
export function polyline(curve: Series, extent: Extent, width: number, height: number): string {
  return curve.steps
    .map((step, i) => {
      const value = curve.values[i] ?? extent.low;
      const y = height * (1 - (value - extent.low) / (extent.high - extent.low));
      return `${((width * step) / extent.last).toFixed(1)},${y.toFixed(1)}`;
    })
    .join(" ");
}

/** Date and time of day in the reader's own way; the text itself where it is no date. */
export function when(stamp: string): string {
  const date = new Date(stamp);
  if (Number.isNaN(date.getTime())) return stamp;
  return date.toLocaleString(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
}

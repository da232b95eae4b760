/** A histogram as counts per bin of equal width between `lo` and `hi`. */

export interface Histogram {
  counts: ArrayLike<number>;
  lo: number;
  hi: number;
}

export const total = ({ counts }: Histogram): number =>
  Array.prototype.reduce.call(counts, (sum, n) => Number(sum) + Number(n), 0) as number;

export function peak({ counts }: Histogram): number {
  let largest = 0;
  for (let i = 0; i < counts.length; i++) largest = Math.max(largest, counts[i] ?? 0);
  return largest;
}

/** The two ends of bin `i`. */
export function edges(histogram: Histogram, i: number): [number, number] {
  const step = (histogram.hi - histogram.lo) / Math.max(1, histogram.counts.length);
  return [histogram.lo + i * step, histogram.lo + (i + 1) * step];
}

/** The bin that holds `value`, the last one for `hi` itself; −1 outside. */
export function binOf(histogram: Histogram, value: number): number {
  const { lo, hi, counts } = histogram;
  if (!(value >= lo && value <= hi) || counts.length === 0) return -1;
  return hi > lo ? Math.min(counts.length - 1, Math.floor(((value - lo) / (hi - lo)) * counts.length)) : 0;
}

/** Height 0..1 of a count under a square-root scale, so that rare values stay visible beside the many near 0. */
export const height = (n: number, largest: number): number => (largest > 0 ? Math.sqrt(n / largest) : 0);

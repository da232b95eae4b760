/** Between a value and its place 0..1 on a slider. */
export interface Range {
  min: number;
  max: number;
  step?: number | undefined;
  /** Powers of ten are spread evenly; `min` must be above zero. */
  log?: boolean;
  /** On a logarithmic slider: the left end means 0. */
  zero?: boolean;
}

/** Share of a logarithmic slider that means exactly 0. */
const ZERO_SHARE = 0.03;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

export function toPlace(value: number, { min, max, log, zero }: Range): number {
  if (!log) return max === min ? 0 : clamp((value - min) / (max - min), 0, 1);
  const start = zero ? ZERO_SHARE : 0;
  if (value < min) return 0;
  return start + (1 - start) * clamp(Math.log(value / min) / Math.log(max / min), 0, 1);
}

/** Rounded to the step, or on a logarithmic slider to two digits. */
export function fromPlace(place: number, { min, max, step, log, zero }: Range): number {
  if (log) {
    const start = zero ? ZERO_SHARE : 0;
    if (zero && place < start) return 0;
    const value = min * (max / min) ** clamp((place - start) / (1 - start), 0, 1);
    return step ? clamp(Math.round(value / step) * step, min, max) : Number(value.toPrecision(2));
  }
  const value = min + place * (max - min);
  if (step) return clamp(min + Math.round((value - min) / step) * step, min, max);
  return Number(value.toPrecision(3));
}

/** The number that was typed, within its bounds; null for no number. */
export function typedNumber(text: string, lowest: number, highest: number): number | null {
  const plain = text.trim().replace("−", "-").replace(",", ".");
  const wanted = Number(plain);
  return plain === "" || !Number.isFinite(wanted) ? null : Math.min(highest, Math.max(lowest, wanted));
}

/** From values to places and back, and round numbers for axes. */

export interface Scale {
  (value: number): number;
  invert(place: number): number;
}

/** Straight line from `domain` to `range`; a domain of no extent maps to the middle of the range. */
export function linear(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [d0, d1] = domain;
  const [r0, r1] = range;
  const scale = (value: number): number => (d1 === d0 ? (r0 + r1) / 2 : r0 + ((value - d0) / (d1 - d0)) * (r1 - r0));
  scale.invert = (place: number): number => (r1 === r0 ? (d0 + d1) / 2 : d0 + ((place - r0) / (r1 - r0)) * (d1 - d0));
  return scale;
}

/** The size of steps of 1, 2 or 5 times a power of ten, that makes about `wanted` of them. */
export function niceStep(extent: number, wanted: number): number {
  if (!(extent > 0) || !Number.isFinite(extent)) return 1;
  const raw = extent / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(raw));
  const rest = raw / power;
  return power * (rest < 1.5 ? 1 : rest < 3.5 ? 2 : rest < 7.5 ? 5 : 10);
}

/** Round numbers within lo..hi. */
export function ticks(lo: number, hi: number, wanted = 4): number[] {
  if (!(hi > lo)) return [lo];
  const step = niceStep(hi - lo, wanted);
  const first = Math.ceil(lo / step - 1e-9);
  const last = Math.floor(hi / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step + 0);
}

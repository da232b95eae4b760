/** What a sweep came to, against a setting that is a number: one line for each value of the other setting. Pure. */
import type { SweepBaseline } from "../../protocol/types";
import { lasts, median, type Network, type Variant } from "./gathered";
import { written } from "./settings";

/** The seeds of one variant, at its value of the setting. */
export interface AgainstPoint {
  x: number;
  low: number;
  middle: number;
  high: number;
}

export interface AgainstLine {
  key: string;
  /** The value of the other setting; empty where there is none. */
  label: string;
  points: AgainstPoint[];
}

/** A line drawn beside the networks: something that is no network, known at some values of the setting. */
export interface Reference {
  label: string;
  points: AgainstPoint[];
}

/** So many different numbers make a curve. */
const LEAST = 3;

/** Which of the varied settings can be the axis of a curve: the first with three or more numbers; −1 for none. */
export function axisOf(variants: readonly Variant[]): number {
  const places = variants[0]?.values.length ?? 0;
  for (let place = 0; place < places; place++) {
    const numbers = new Set(variants.map(({ values }) => values[place]).filter((value) => typeof value === "number"));
    if (numbers.size >= LEAST) return place;
  }
  return -1;
}

/** Median and spread of the ended networks at each value of the setting at `axis`, from left to right. */
export function linesAgainst(variants: readonly Variant[], axis: number, name: string): AgainstLine[] {
  const found = new Map<string, AgainstLine>();
  for (const { values, networks } of variants) {
    const x = values[axis];
    const others = values.filter((_, place) => place !== axis);
    const key = JSON.stringify(others);
    const line = found.get(key) ?? { key, label: others.map(written).join(" · "), points: [] };
    found.set(key, line);
    const point = typeof x === "number" ? pointOf(x, lasts(networks, name)) : null;
    if (point) line.points.push(point);
  }
  for (const line of found.values()) line.points.sort((a, b) => a.x - b.x);
  return [...found.values()];
}

/** Lowest, median and highest of `sorted` values; null of none. */
export function pointOf(x: number, sorted: readonly number[]): AgainstPoint | null {
  const [low, high] = [sorted[0], sorted.at(-1)];
  return low === undefined || high === undefined ? null : { x, low, middle: median(sorted), high };
}

/** Whether such values are better seen by their ratios: all positive and far apart. */
export function byRatio(values: readonly number[], apart: number): boolean {
  const finite = values.filter(Number.isFinite);
  const least = Math.min(...finite);
  return finite.length > 1 && least > 0 && Math.max(...finite) / least >= apart;
}

/** The highest inner point that both sides come down from by a third or more: a peak between two descents. */
export function peakOf(points: readonly AgainstPoint[]): AgainstPoint | null {
  const inner = points.slice(1, -1);
  const peak = inner.reduce<AgainstPoint | null>((most, one) => (most && most.middle >= one.middle ? most : one), null);
  if (!peak) return null;
  const top = points.indexOf(peak);
  const lowest = (some: readonly AgainstPoint[]): number => Math.min(...some.map(({ middle }) => middle));
  const sides = Math.max(lowest(points.slice(0, top)), lowest(points.slice(top + 1)));
  return peak.middle > 1.5 * sides && sides >= 0 ? peak : null;
}

/** Classical models as lines against the setting at `axis`: each where it was fitted to the data of some network. */
export function referencesAgainst(
  fitted: readonly SweepBaseline[],
  networks: readonly Network[],
  axis: number,
  name: string,
): Reference[] {
  const found = new Map<string, Map<number, number[]>>();
  for (const { model, networks: of, values } of fitted) {
    const accuracy = values[name.replace(/error$/, "accuracy")];
    const value = values[name] ?? (name.endsWith("error") && accuracy !== undefined ? 1 - accuracy : undefined);
    if (value === undefined) continue;
    const at = found.get(model) ?? new Map<number, number[]>();
    found.set(model, at);
    for (const x of new Set(of.map((index) => networks[index]?.values[axis])))
      if (typeof x === "number") at.set(x, [...(at.get(x) ?? []), value]);
  }
  return [...found].map(([label, at]) => ({
    label,
    points: [...at]
      .sort(([a], [b]) => a - b)
      .flatMap(
        ([x, values]) =>
          pointOf(
            x,
            values.sort((a, b) => a - b),
          ) ?? [],
      ),
  }));
}

/** Where, along the setting at `axis`, there are as many weights as numbers to fit; null where that is nowhere. */
export function thresholdOf(networks: readonly Network[], axis: number): number | null {
  const ratios = new Map<number, number>();
  for (const { values, weights, numbers } of networks) {
    const x = values[axis];
    if (typeof x === "number" && weights !== null && numbers !== null && numbers > 0) ratios.set(x, weights / numbers);
  }
  const sorted = [...ratios].sort(([a], [b]) => a - b);
  for (const [i, [x, ratio]] of sorted.entries()) {
    if (ratio === 1) return x;
    const [before, less] = sorted[i - 1] ?? [x, ratio];
    if ((less < 1 && ratio > 1) || (less > 1 && ratio < 1))
      return before + ((x - before) * (1 - less)) / (ratio - less);
  }
  return null;
}

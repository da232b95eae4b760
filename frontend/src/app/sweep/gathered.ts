/** What has come of a sweep so far, put together from its lines. Pure. */
import type { Planned, Series, Standing, Surface } from "../../protocol/types";
import { written, type SweepValue } from "./settings";

export interface Network {
  index: number;
  values: SweepValue[];
  seed: number;
  state: Standing["state"];
  step: number;
  series: Record<string, Series>;
  surface: Surface | null;
  message: string | null;
  /** Weights that it learns, and numbers that it should give for the training examples; null where that is open. */
  weights: number | null;
  numbers: number | null;
}

/** Networks that differ in their seed alone. */
export interface Variant {
  key: string;
  label: string;
  values: SweepValue[];
  networks: Network[];
}

export const planned = (networks: readonly (Pick<Planned, "values" | "seed"> & Partial<Planned>)[]): Network[] =>
  networks.map(({ values, seed, weights, numbers }, index) => ({
    index,
    values,
    seed,
    state: "training",
    step: 0,
    series: {},
    surface: null,
    message: null,
    weights: weights ?? null,
    numbers: numbers ?? null,
  }));

/** Those networks with the news of each added. */
export function after(networks: readonly Network[], news: readonly Standing[]): Network[] {
  const told = new Map(news.map((one) => [one.index, one]));
  return networks.map((network) => {
    const one = told.get(network.index);
    if (!one) return network;
    const series = { ...network.series };
    for (const [name, { steps, values }] of Object.entries(withErrors(one.series))) {
      const known = series[name];
      series[name] = known
        ? { steps: [...known.steps, ...steps], values: [...known.values, ...values] }
        : { steps, values };
    }
    const { state, step, message } = one;
    return { ...network, series, state, step, message, surface: one.surface ?? network.surface };
  });
}

/** Beside every accuracy the share that was wrong. */
function withErrors(series: Record<string, Series>): Record<string, Series> {
  const found = { ...series };
  for (const [name, { steps, values }] of Object.entries(series)) {
    if (name.endsWith(".accuracy")) found[errorOf(name)] = { steps, values: values.map((value) => 1 - value) };
  }
  return found;
}

/** `test.accuracy` → `test.error`. */
export const errorOf = (name: string): string => name.replace(/accuracy$/, "error");

export function variantsOf(networks: readonly Network[]): Variant[] {
  const found = new Map<string, Variant>();
  for (const network of networks) {
    const key = JSON.stringify(network.values);
    const variant = found.get(key) ?? { key, label: labelOf(network.values), values: network.values, networks: [] };
    variant.networks.push(network);
    found.set(key, variant);
  }
  return [...found.values()];
}

export const labelOf = (values: readonly SweepValue[]): string => values.map(written).join(" · ") || "as it is";

/** The names of the curves that any network has: what is tested first. */
export function curveNames(networks: readonly Network[]): string[] {
  const names = new Set(networks.flatMap((network) => Object.keys(network.series)));
  return [...names].sort((a, b) => a.localeCompare(b));
}

export interface Band {
  steps: number[];
  low: number[];
  middle: number[];
  high: number[];
}

/** Lowest, median and highest of that curve over the networks, at the steps that all which got there have. */
export function bandOf(networks: readonly Network[], name: string): Band {
  const at = new Map<number, number[]>();
  for (const { series } of networks) {
    const curve = series[name];
    curve?.steps.forEach((step, i) => at.set(step, [...(at.get(step) ?? []), curve.values[i] as number]));
  }
  const steps = [...at.keys()].sort((a, b) => a - b);
  const sorted = steps.map((step) => [...(at.get(step) ?? [])].sort((a, b) => a - b));
  return {
    steps,
    low: sorted.map((values) => values[0] as number),
    middle: sorted.map(median),
    high: sorted.map((values) => values.at(-1) as number),
  };
}

export function median(sorted: readonly number[]): number {
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2;
}

/** The last value of that curve for every network that has trained to the end. */
export const lasts = (networks: readonly Network[], name: string): number[] =>
  networks
    .filter(({ state }) => state === "training" || state === "finished")
    .map(({ series }) => series[name]?.values.at(-1))
    .filter((value) => value !== undefined)
    .sort((a, b) => a - b);

/** Whether more of it is better. */
export const more = (name: string): boolean => /accuracy|r2/.test(name);

/** The variant whose median is best; undefined while nothing is known, or where there is only one. */
export function best(variants: readonly Variant[], name: string): Variant | undefined {
  let found: Variant | undefined;
  let value = NaN;
  for (const variant of variants) {
    const ended = lasts(variant.networks, name);
    const mine = ended.length === variant.networks.length ? median(ended) : NaN;
    if (!Number.isFinite(mine) || (found && !(more(name) ? mine > value : mine < value))) continue;
    [found, value] = [variant, mine];
  }
  return variants.length > 1 ? found : undefined;
}

/** A start that tells so many right has succeeded. */
export const SOLVED = 0.95;

/** How many of a variant's networks ended with an accuracy of at least `SOLVED`, and how many have ended so far. */
export function solvedOf({ networks }: Pick<Variant, "networks">, name: string): { solved: number; of: number } {
  const ended = networks.filter(({ state }) => state !== "training");
  const last = (one: Network): number => one.series[name]?.values.at(-1) ?? 0;
  return { solved: ended.filter((one) => last(one) >= SOLVED).length, of: ended.length };
}

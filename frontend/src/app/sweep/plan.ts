/** The sweep that an experiment proposes: `view.panels.sweep`, written by whoever made the preset. Pure. */
import type { Experiment } from "../../protocol/types";
import type { SweepValue } from "./settings";
import type { Wanted } from "./sweeping.svelte";

export interface SweepPlan extends Wanted {
  /** The curve to show first. */
  curve: string | null;
}

type Json = Record<string, unknown>;
const isValue = (value: unknown): value is SweepValue => value === null || typeof value !== "object";

/** Null where there is none, or none that can be read. */
export function planOf(experiment: Experiment | null | undefined): SweepPlan | null {
  const raw = experiment?.view.panels["sweep"] as Json | undefined;
  if (!raw || !Array.isArray(raw["vary"])) return null;
  const vary = (raw["vary"] as unknown[]).flatMap((one) => {
    const { path, values } = (one ?? {}) as Json;
    return typeof path === "string" && Array.isArray(values) ? [{ path, values: values.filter(isValue) }] : [];
  });
  if (vary.length === 0 || vary.length > 2 || vary.some(({ values }) => values.length === 0)) return null;
  const whole = (key: string, otherwise: number): number =>
    Number.isInteger(raw[key]) && (raw[key] as number) > 0 ? (raw[key] as number) : otherwise;
  const curve = typeof raw["curve"] === "string" ? raw["curve"] : null;
  return { vary, seeds: whole("seeds", 1), steps: whole("steps", 1000), baselines: raw["baselines"] === true, curve };
}

/** How many networks that would be. */
export const networksOf = ({ vary, seeds }: Wanted): number =>
  vary.reduce((product, { values }) => product * values.length, seeds);

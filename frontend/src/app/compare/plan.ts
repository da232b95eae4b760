/** The variants of a comparison before they train: one experiment each, on the same seed. Pure. */
import { valueAt, withValue } from "../../protocol/document";
import type { Experiment } from "../../protocol/types";
import type { Schema } from "../../ui/schema";
import { type Known, type Setting, type SweepValue, written } from "../sweep/settings";

export const LEAST = 2;
export const MOST = 6;

export interface Planned {
  label: string;
  experiment: Experiment;
}

const REGISTRIES = [
  ["training.optimizers.", "optimizers"],
  ["training.schedule.", "schedules"],
  ["recipe.config.loss.", "losses"],
  ["network.nodes.", "layers"],
] as const;

/** The experiment with another value there; another kind of something keeps the settings that both kinds have. */
export function changed(experiment: Experiment, path: string, value: SweepValue, known: Known): Experiment {
  const registry = path.endsWith(".kind") && REGISTRIES.find(([start]) => path.startsWith(start))?.[1];
  const before = valueAt(experiment, path);
  if (!registry || before === value) return withValue(experiment, path, value);
  const [old, next] = [known.find(registry, String(before)), known.find(registry, String(value))];
  const keys = Object.keys((next?.schema as Schema | undefined)?.properties ?? {});
  const config = Object.entries((valueAt(experiment, path.replace(/kind$/, "config")) ?? {}) as object).filter(
    // The rate of an optimizer of another group means something else.
    ([key]) => keys.includes(key) && !(key === "lr" && old?.group !== next?.group),
  );
  return withValue(experiment, path.replace(/\.kind$/, ""), {
    ...(valueAt(experiment, path.replace(/\.kind$/, "")) as object),
    kind: value,
    config: Object.fromEntries(config),
  });
}

/** One variant for every value of the setting (the experiment as it is without one), then the others, all on its seed. */
export function planned(
  experiment: Experiment,
  setting: Setting | undefined,
  values: readonly SweepValue[],
  others: readonly Experiment[],
  known: Known,
): Planned[] {
  const varied = setting
    ? values.map((value) => ({
        label: written(value).replaceAll("_", " "),
        experiment: changed(experiment, setting.path, value, known),
      }))
    : [{ label: experiment.name, experiment }];
  const named = varied.map((one) =>
    setting
      ? { ...one, experiment: { ...one.experiment, name: titled(experiment.name, `${setting.label} ${one.label}`) } }
      : one,
  );
  const { seed } = experiment;
  return [...named, ...others.map((other) => ({ label: other.name, experiment: { ...other, seed } }))];
}

/** A name is at most so long. */
const LONGEST = 120;
const titled = (name: string, label: string): string => `${name} · ${label}`.slice(0, LONGEST);

/** What keeps so many variants from being compared, in words. */
export function problemOf(many: number): string | null {
  if (many < LEAST) return "Two variants at least: write another value, or add an example.";
  return many > MOST ? `At most ${MOST} side by side: take fewer values, or try them all as a sweep.` : null;
}

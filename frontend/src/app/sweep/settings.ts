/** Which settings of an experiment a sweep can vary, and with which values to begin. Pure. */
import { valueAt } from "../../protocol/document";
import type { CatalogueEntry, Registry } from "../../protocol/report";
import type { Choice, Experiment } from "../../protocol/types";
import { layerName } from "../../stores/names";
import { type Field, fieldsOf, type Schema } from "../../ui/schema";

export type SweepValue = boolean | number | string | null;

export interface Setting {
  path: string;
  label: string;
  field: Field;
  /** What stands there now. */
  now: SweepValue;
}

/** What the catalogue knows. */
export interface Known {
  find(registry: Registry, kind: string): CatalogueEntry | undefined;
  kinds(registry: Registry): { kind: string; label: string }[];
}

const RATES = new Set(["lr", "l1", "l2", "epsilon", "gradient_clipping"]);

/** Every setting that can be varied: how it learns first, then the layers, then the data. */
export function settingsOf(experiment: Experiment, known: Known): Setting[] {
  const found: Setting[] = [];
  const add = (path: string, label: string, field: Field): void => {
    if (field.type === "other") return;
    const stands = valueAt(experiment, path) ?? field.initial ?? null;
    if (stands !== null && typeof stands === "object") return;
    found.push({ path, label, field, now: stands as SweepValue });
  };
  const every = (schema: unknown, path: string, label: (title: string) => string, only?: readonly string[]): void => {
    for (const field of fieldsOf((schema ?? {}) as Schema)) {
      if (!only || only.includes(field.key)) add(`${path}.${field.key}`, label(field.title), field);
    }
  };
  const optimizers = Object.entries(experiment.training.optimizers);
  for (const [role, optimizer] of optimizers) {
    const of = optimizers.length > 1 ? ` of ${role}` : "";
    const path = `training.optimizers.${role}`;
    every(known.find("optimizers", optimizer.kind)?.schema, `${path}.config`, (title) => `${title}${of}`);
    add(`${path}.kind`, `Optimizer${of}`, kinds("Optimizer", optimizer.kind, known.kinds("optimizers")));
  }
  found.sort((a, b) => Number(b.path.endsWith(".lr")) - Number(a.path.endsWith(".lr")));
  const schedule = experiment.training.schedule;
  every(
    known.find("schedules", schedule.kind)?.schema,
    "training.schedule.config",
    (title) => `Schedule: ${title.toLowerCase()}`,
  );
  add("training.schedule.kind", "Schedule", kinds("Schedule", schedule.kind, known.kinds("schedules")));
  every(known.find("settings", "regularization")?.schema, "training.regularization", (title) => title);
  if (experiment.training.pruning)
    every(known.find("settings", "pruning")?.schema, "training.pruning", (title) => `Pruning: ${title.toLowerCase()}`);
  every(known.find("settings", "training")?.schema, "training", (title) => title, [
    "gradient_clipping",
    "clip_value",
    "form",
    "precision",
    "stepper",
  ]);
  add("data.batch_size", "Batch size", whole("batch_size", experiment.data.batch_size, 1, 4096));
  add("data.split.train", "Training examples", { ...whole("train", 0, 1, 1e9), optional: true } as Field);
  for (const [i, { kind }] of experiment.data.augment.entries()) {
    const entry = known.find("augment", kind);
    const name = entry?.label ?? kind;
    every(entry?.schema, `data.augment.${i}.config`, (title) => `${name}: ${title.toLowerCase()}`);
  }
  for (const node of experiment.network.nodes) {
    const entry = known.find("layers", node.kind);
    const name = layerName(experiment.network, node.id);
    every(entry?.schema, `network.nodes.${node.id}.config`, (title) => `${name}: ${title.toLowerCase()}`);
    if (entry?.group === "Activations")
      add(`network.nodes.${node.id}.kind`, `${name}: kind`, kinds(name, node.kind, activations(known)));
  }
  const loss = valueAt(experiment, "recipe.config.loss") as Choice | undefined;
  if (loss) {
    add("recipe.config.loss.kind", "Loss", kinds("Loss", loss.kind, known.kinds("losses")));
    every(
      known.find("losses", loss.kind)?.schema,
      "recipe.config.loss.config",
      (title) => `Loss: ${title.toLowerCase()}`,
    );
  }
  every(known.find("datasets", experiment.data.kind)?.schema, "data.config", (title) => `Data: ${title.toLowerCase()}`);
  return found;
}

const activations = (known: Known): { kind: string; label: string }[] =>
  known.kinds("layers").filter(({ kind }) => known.find("layers", kind)?.group === "Activations");

function kinds(title: string, now: string, options: readonly { kind: string }[]): Field {
  return { key: "kind", title, help: "", initial: now, type: "choice", options: options.map((one) => one.kind) };
}

function whole(key: string, initial: number, lowest: number, highest: number): Field {
  return { key, title: key, help: "", initial, type: "number", whole: true, lowest, highest, optional: false };
}

/** Values to begin with: around what stands there now, each allowed. */
export function suggested({ field, now }: Setting): SweepValue[] {
  if (field.type === "switch") return [false, true];
  if (field.type === "choice") return field.options.slice(0, 6);
  if (field.type !== "number") return [];
  const fits = (value: number): boolean => value >= field.lowest && value <= field.highest;
  const tidy = (value: number): number => (field.whole ? Math.round(value) : Number(value.toPrecision(2)));
  const at = typeof now === "number" ? now : 0;
  let values: number[];
  if (field.key === "train") values = [20, 50, 100, 200, 500, 1000].filter((size) => at === 0 || size <= at);
  else if (RATES.has(field.key)) values = at > 0 ? [at / 10, at / 3, at, at * 3] : [0, 0.001, 0.01, 0.1];
  else if (field.whole) values = at > 0 ? [at / 2, at, at * 2, at * 4] : [0, 1, 2, 4];
  else if (field.lowest >= 0 && field.highest <= 1) values = [0, 0.25, 0.5, 0.75];
  else values = at !== 0 ? [at / 2, at, at * 2] : [0, 0.5, 1];
  return [...new Set(values.map(tidy))].filter(fits);
}

/** The values that somebody wrote, separated by commas; what is wrong with them in words. */
export function valuesFrom(text: string, field: Field): { values: SweepValue[]; problem: string | null } {
  const parts = text
    .split(/[,;]/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (parts.length === 0) return { values: [], problem: "Write at least one value." };
  const values: SweepValue[] = [];
  for (const part of parts) {
    const value = one(part, field);
    if (value === undefined) return { values: [], problem: `“${part.slice(0, 40)}” is no value of this setting.` };
    if (values.includes(value)) return { values: [], problem: `${part} stands there twice.` };
    values.push(value);
  }
  return { values, problem: null };
}

function one(part: string, field: Field): SweepValue | undefined {
  if (field.type === "choice") return field.options.includes(part) ? part : undefined;
  if (field.type === "switch") return { on: true, true: true, off: false, false: false }[part.toLowerCase()];
  if (field.type !== "number") return undefined;
  if (field.optional && part.toLowerCase() === "off") return null;
  const value = Number(part);
  return Number.isFinite(value) && (!field.whole || Number.isInteger(value)) ? value : undefined;
}

/** As a value is written. */
export function written(value: SweepValue): string {
  if (value === null || value === false) return "off";
  return value === true ? "on" : String(value);
}

/** A network from nothing: chosen data, an empty canvas, and the run that is made of it. */
import { post } from "../protocol/api";
import type { Experiment, RunInfo } from "../protocol/types";
import { catalogue } from "../stores/catalogue.svelte";
import { run } from "../stores/run.svelte";
import { toasts } from "../stores/toasts.svelte";
import { editor } from "./document.svelte";
import { view } from "./view.svelte";

/** How the page shows a run that was made here; given by the page. */
let show: (id: string) => void = () => undefined;
export function showRunsBy(how: typeof show): void {
  show = how;
}

/** An experiment on that data without a network. Numbers that are read as they are get standardised. */
export function blank(kind: string): Experiment {
  const entry = catalogue.find("datasets", kind);
  const fields = Object.entries(entry?.fields ?? {});
  const input = fields.find(([, field]) => field.role === "input");
  const target = fields.find(([, field]) => field.role === "target");
  const wide = input && (input[1].shape.axes.length === 3 || input[1].columns.length > 0);
  const small = (entry?.counts?.train ?? 0) < 2000;
  return {
    version: 1,
    name: `My network on ${entry?.label ?? kind}`,
    description: "",
    seed: 1,
    data: {
      kind,
      config: {},
      split: { train: null, test: null },
      batch_size: small ? 16 : 64,
      prepare: input && wide ? [{ kind: "standardize", config: { field: input[0] } }] : [],
      augment: [],
      by_hand: [],
    },
    network: { nodes: [], edges: [], parts: {} },
    recipe: {
      kind: "supervised",
      config: { output: "output", target: target?.[0] ?? "label", loss: { kind: "cross_entropy", config: {} } },
    },
    training: {
      optimizers: { model: { kind: "adam", config: { lr: small ? 0.01 : 0.002 } } },
      schedule: { kind: "constant", config: {} },
      regularization: { l1: 0, l2: 0, max_norm: null },
      gradient_clipping: null,
      clip_value: null,
      held: {},
      pruning: null,
      stop: {
        steps: null,
        epochs: null,
        seconds: null,
        loss_above: null,
        judge: "loss",
        target: null,
        patience: null,
        restore_best: true,
      },
      device: "auto",
      precision: "float32",
      form: "pytorch",
      stepper: "auto",
    },
    stages: [],
    stage: 0,
    view: { positions: {}, panels: {}, lesson: {} },
  };
}

/** Data that a supervised network can be built for, images first. */
export function buildable(): { kind: string; label: string; summary: string }[] {
  const looks = (fields: Record<string, { shape: { axes: unknown[] } }>): number =>
    Math.max(0, ...Object.values(fields).map((field) => field.shape.axes.length));
  return (catalogue.entries.datasets ?? [])
    .filter((entry) => Object.values(entry.fields ?? {}).some((field) => field.role === "target"))
    .sort((a, b) => looks(b.fields ?? {}) - looks(a.fields ?? {}))
    .map(({ kind, label, summary }) => ({ kind, label, summary }));
}

const KEPT = "torchglass.new";
const HASH = "#new";

export const startFromNothing = (kind = "mnist"): void => startFrom(blank(kind), "New network");

/** Shows an experiment that nobody trains yet, to be built upon. */
export function startFrom(experiment: Experiment, label = "Open"): void {
  if (location.hash !== HASH) history.pushState(null, "", `/${HASH}`);
  editor.compose(label, experiment);
  view.fitting += 1;
}

/** What is being built outlives a reload of the page; null where there is nothing. */
export function keep(experiment: Experiment): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(experiment));
  } catch {
    // A full or forbidden store only means that a reload begins anew.
  }
}

/** Goes on with what was being built when the page was left. True if the address asks for it. */
export function resumeNew(): boolean {
  if (location.hash !== HASH) return false;
  const kept = sessionStorage.getItem(KEPT);
  editor.compose("New network", kept === null ? blank("mnist") : (JSON.parse(kept) as Experiment));
  return true;
}

let making = false;

/** Makes a run of what is on the canvas, trains it, and shows it; one, however often it is asked for meanwhile. */
export async function startNew(): Promise<void> {
  const { experiment } = editor;
  if (!experiment || making) return;
  if (editor.report && !editor.report.ok) {
    const first = editor.problems.find((problem) => problem.severity === "error");
    toasts.show(`It can not train yet. ${first?.message ?? ""}`, "bad");
    return;
  }
  making = true;
  try {
    const made = await post<RunInfo>("/api/runs", { experiment, start: true });
    show(made.id);
  } catch (error) {
    toasts.show(error instanceof Error ? error.message : String(error), "bad");
  } finally {
    making = false;
  }
}

/** The run button while nothing is trained yet. True if it was this one's business. */
export function runComposed(): boolean {
  if (!run.composing) return false;
  void startNew();
  return true;
}

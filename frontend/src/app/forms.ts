/** The formulas that lectures and PyTorch write differently, and the switch between them for a whole experiment. Pure. */
import type { Choice, Experiment, Network } from "../protocol/types";

export type Form = "pytorch" | "textbook";

export interface FormsNow {
  /** Which one runs; null where some are written one way and some the other. */
  form: Form | null;
  /** What the textbook's form runs in, and what PyTorch's does, in words. */
  textbook: string[];
  pytorch: string[];
}

const LAYERS: Readonly<Record<string, string>> = { dropout: "dropout", leaky_relu: "leaky slope" };
const isForm = (value: unknown): value is Form => value === "pytorch" || value === "textbook";
const formOf = (config: Record<string, unknown>): unknown => config["form"] ?? "pytorch";
const lossOf = ({ recipe }: Pick<Experiment, "recipe">): Choice | undefined => {
  const loss = recipe.config["loss"] as Choice | undefined;
  return loss?.kind === "mse" ? loss : undefined;
};

export function formsOf(experiment: Experiment): FormsNow {
  const told: Record<Form, Set<string>> = { textbook: new Set(), pytorch: new Set() };
  told[experiment.training.form].add("momentum");
  for (const { kind, config } of experiment.network.nodes) {
    const form = formOf(config);
    if (LAYERS[kind] && isForm(form)) told[form].add(LAYERS[kind]);
  }
  const loss = lossOf(experiment);
  const written = loss && formOf(loss.config ?? {});
  if (isForm(written)) told[written].add("squared error");
  const form = told.textbook.size === 0 ? "pytorch" : told.pytorch.size === 0 ? "textbook" : null;
  return { form, textbook: [...told.textbook], pytorch: [...told.pytorch] };
}

/** The network and the loss in that form: a leaky slope a becomes 1/a, so that the function stays the same. */
export function inForm(experiment: Experiment, form: Form): { network: Network; recipe: Choice; changed: boolean } {
  let changed = false;
  const nodes = experiment.network.nodes.map((node) => {
    const now = formOf(node.config);
    if (!LAYERS[node.kind] || !isForm(now) || now === form) return node;
    changed = true;
    const config: Record<string, unknown> = { ...node.config, form };
    if (node.kind === "leaky_relu") {
      const slope = Number(node.config["negative_slope"] ?? 0.01);
      if (slope !== 0) config["negative_slope"] = Number((1 / slope).toPrecision(9));
    }
    return { ...node, config };
  });
  const loss = lossOf(experiment);
  let recipe: Choice = experiment.recipe;
  if (loss && formOf(loss.config ?? {}) !== form) {
    changed = true;
    const written = { ...loss, config: { ...loss.config, form } };
    recipe = { ...recipe, config: { ...recipe.config, loss: written } };
  }
  return { network: { ...experiment.network, nodes }, recipe, changed };
}

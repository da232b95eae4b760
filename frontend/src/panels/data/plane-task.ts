/** What must change together when a network over the plane is given other data: target, loss, width of the output. Pure. */
import type { Generator } from "../../math/generators";
import type { Choice, Data, Experiment, Network } from "../../protocol/types";

export interface Task {
  network: Network;
  data: Data;
  recipe: Choice;
}

/** Settings that every generator of points has. */
const SHARED = ["count", "noise", "test_share", "seed"] as const;

const lossOf = (recipe: Choice): string => (recipe.config["loss"] as { kind?: string } | undefined)?.kind ?? "";

/** The loss that suits the task; one that suits it already stays. */
function lossFor(generator: Generator, classes: number, present: string): string {
  if (generator.numbers) return ["mse", "l1", "huber", "smooth_l1"].includes(present) ? present : "mse";
  return classes > 2 ? "cross_entropy" : "binary_cross_entropy";
}

export const classesOf = (config: Readonly<Record<string, unknown>>): number => Number(config["classes"] ?? 2);

/** null where the network's answer is no dense layer: then only a person can say what should change. */
export function taskFor(experiment: Experiment, generator: Generator, wanted: number): Task | null {
  const { network, data, recipe } = experiment;
  const output = network.nodes.find((node) => node.id === recipe.config["output"]);
  if (output?.kind !== "linear") return null;
  const classes = generator.several ? wanted : 2;
  const kept = Object.fromEntries(SHARED.filter((key) => key in data.config).map((key) => [key, data.config[key]]));
  const units = generator.numbers || classes === 2 ? 1 : classes;
  const kind = lossFor(generator, classes, lossOf(recipe));
  const loss = kind === lossOf(recipe) ? recipe.config["loss"] : { kind, config: {} };
  const nodes = network.nodes.map((node) =>
    node === output ? { ...node, config: { ...node.config, out_features: units } } : node,
  );
  return {
    network: Number(output.config["out_features"]) === units ? network : { ...network, nodes },
    // Points edited by hand belong to the pattern that they were edited in.
    data: {
      ...data,
      by_hand: generator.kind === data.kind ? data.by_hand : [],
      kind: generator.kind,
      config: classes > 2 ? { ...kept, classes } : kept,
    },
    recipe: { ...recipe, config: { ...recipe.config, target: generator.numbers ? "value" : "label", loss } },
  };
}

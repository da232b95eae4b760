/** The lanes of a race: their names and colours, and who is ahead. Pure. */
import { classStyle, type ClassStyle } from "../math/classes";
import type { Experiment } from "../protocol/types";

export interface Lane {
  id: string;
  label: string;
  style: ClassStyle;
}

export interface Standing {
  lane: Lane;
  loss: number;
  /** NaN where there is no accuracy. */
  accuracy: number;
  /** Its loss exploded: it is not trained any more. */
  out: boolean;
}

/** The same bound as the recipe's. */
const LOST = 1e6;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** In the order in which the recipe names them. */
export function lanesOf(experiment: Pick<Experiment, "recipe"> | undefined): Lane[] {
  const lanes = experiment?.recipe.kind === "race" ? experiment.recipe.config["lanes"] : null;
  if (!isRecord(lanes)) return [];
  return Object.keys(lanes).map((id, i) => ({ id, label: id.replaceAll("_", " "), style: classStyle(i) }));
}

/** The smallest loss first; on test examples where those were measured, else on the last batch. */
export function standings(lanes: readonly Lane[], readings: Readonly<Record<string, number>>): Standing[] {
  const read = (name: string): number => readings[`test.${name}`] ?? readings[`train.${name}`] ?? NaN;
  const found = lanes.map((lane) => {
    const loss = read(`${lane.id}_loss`);
    return { lane, loss, accuracy: read(`${lane.id}_accuracy`), out: loss >= LOST };
  });
  const rank = ({ loss }: Standing): number => (Number.isNaN(loss) ? Infinity : loss);
  return found.sort((a, b) => rank(a) - rank(b));
}

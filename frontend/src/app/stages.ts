/** The stages of an experiment in words. Pure. */
import { count } from "../math/format";
import type { Experiment, Stage, Stop } from "../protocol/types";
import { layerName } from "../stores/names";

export interface StageLine {
  name: string;
  /** What it does, in one line. */
  what: string;
}

function length({ steps, epochs, seconds, patience, target }: Stop): string {
  if (epochs !== null) return `${count(epochs)} ${epochs === 1 ? "epoch" : "epochs"}`;
  if (steps !== null) return `${count(steps)} steps`;
  if (seconds !== null) return `${count(seconds)} s`;
  if (patience !== null) return "until it gets no better";
  return target === null ? "until you go on" : "until the target";
}

/** `said` names a data set. What a stage leaves out is as in the one before; the one of now stands in the experiment. */
export function stageLines(experiment: Experiment, said: (kind: string) => string): StageLine[] {
  const { network, stages, stage: now } = experiment;
  const nameOf = (id: string): string => layerName(network, id);
  const list = (ids: readonly string[]): string => ids.map(nameOf).join(", ");
  let training = experiment.training;
  let before = "";
  return stages.map((stage: Stage, i) => {
    const data = i === now ? experiment.data : stage.data;
    training = (i === now ? experiment.training : stage.training) ?? training;
    const written = data ? JSON.stringify([data.kind, data.config, data.split]) : before;
    const parts = [
      written !== before && data ? said(data.kind) : "",
      stage.frozen.length ? `${list(stage.frozen)} frozen` : "",
      stage.fresh.length ? `${list(stage.fresh)} new` : "",
      { keep: "", rewind: "first weights again", reinit: "new weights", prune: "smallest weights out" }[stage.initial],
      length(training.stop),
    ];
    before = written;
    return { name: stage.name || `Stage ${i + 1}`, what: parts.filter(Boolean).join(" · ") };
  });
}

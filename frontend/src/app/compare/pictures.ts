/** Which picture of every variant is shown. Pure. */
import type { CheckReport, Experiment } from "../../protocol/types";
import { dataLook } from "../../panels/data-kind";
import { layerName } from "../../stores/names";

export type Picture =
  { kind: "plane" | "line" | "confusion"; node?: never } | { kind: "weights" | "spread" | "gradients"; node: string };

export interface Offer {
  value: string;
  label: string;
  picture: Picture;
}

interface Of {
  experiment: Experiment;
  report: CheckReport;
}

/** What can be seen of every one of them; the picture that says most first. */
export function offers(all: readonly Of[]): Offer[] {
  const [first] = all;
  if (!first) return [];
  const looks = all.map(({ report }) => dataLook(report.fields));
  const found: Offer[] = [];
  if (looks.every(({ kind }) => kind === "plane"))
    found.push({ value: "plane", label: "The plane", picture: { kind: "plane" } });
  if (looks.every(({ kind, numbers }) => kind === "line" && numbers))
    found.push({ value: "line", label: "The function", picture: { kind: "line" } });
  if (looks.every(({ classes }) => classes))
    found.push({ value: "confusion", label: "Confusion", picture: { kind: "confusion" } });
  for (const { id } of first.experiment.network.nodes) {
    if (!all.every(({ report }) => (report.nodes.find((node) => node.id === id)?.parameters ?? 0) > 0)) continue;
    for (const [kind, what] of [
      ["weights", "Weights"],
      ["spread", "Spread of the weights"],
      ["gradients", "Spread of the gradients"],
    ] as const)
      found.push({
        value: `${kind}:${id}`,
        label: `${what} of ${layerName(first.experiment.network, id)}`,
        picture: { kind, node: id },
      });
  }
  return found;
}

/** Whether the pictures that all of them are tested on can be moved, and answers be right or wrong. */
export function canBeMoved(all: readonly Of[]): boolean {
  return all.every(({ report }) => {
    const { kind, classes } = dataLook(report.fields);
    return kind === "images" && classes;
  });
}

/** What can be done about changes that two windows made at once. */
import { valueAt, withValue } from "../protocol/document";
import type { Experiment } from "../protocol/types";
import type { Clash } from "../stores/changes";

/** Places that hold words for people: both of two texts can be kept in one. */
const isWords = (path: string): boolean => /^(name|description|network\.nodes\.[^.]+\.label)$/.test(path);
const LONGEST_NAME = 200;

/** The experiment with all of mine in it: what becomes a run of its own when both are kept. */
export function withMine(experiment: Experiment, list: readonly Clash[]): Experiment {
  return list.reduce((made, clash) => clash.over?.(made) ?? withValue(made, clash.path, clash.mine), experiment);
}

/** Texts are kept in one field, one after the other; null where there is more to keep than texts. */
export function joined(list: readonly Clash[]): { path: string; text: string }[] | null {
  if (list.length === 0 || !list.every((clash) => isWords(clash.path))) return null;
  return list.map(({ path, mine, theirs }) => ({
    path,
    text: [theirs, mine]
      .filter((text) => typeof text === "string" && text !== "")
      .join(" / ")
      .slice(0, LONGEST_NAME),
  }));
}

/** Whether mine could still be put into this run: a layer that is gone has no settings. */
export function fits(clash: Clash, experiment: Experiment): boolean {
  const [section, list, id] = clash.path.split(".");
  return section !== "network" || list !== "nodes" || valueAt(experiment, `network.nodes.${id ?? ""}`) !== undefined;
}

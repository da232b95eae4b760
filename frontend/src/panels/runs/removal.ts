/** Words for what is about to be deleted, and for what became of it. */
import { count } from "../../math/format";
import type { RunInfo } from "../../protocol/types";

/** The answer of the server: what is gone, and what stays and why. */
export interface Removed {
  runs: string[];
  kept: { run: string; code: string; reason: string }[];
}

/** What makes a run junk, as the server decides it. */
export const JUNK =
  "Junk is a run that still has the name of its example, trained for fewer than 100 steps, does not train now, " +
  "and has not been open in a page for a minute.";

/** Names that are written out before the rest is only counted. */
const NAMED = 4;

const several = (many: number): string => (many === 1 ? "1 run" : `${count(many)} runs`);

/** “Circle” (step 3), “Circle” (step 12) and 7 more. */
export function named(runs: readonly RunInfo[]): string {
  const first = runs.slice(0, NAMED).map((run) => `“${run.name}” (step ${count(run.step)})`);
  const rest = runs.length - first.length;
  if (rest > 0) return `${first.join(", ")} and ${count(rest)} more`;
  return first.length > 1 ? `${first.slice(0, -1).join(", ")} and ${first.at(-1) ?? ""}` : (first[0] ?? "");
}

/** The question before runs are deleted. */
export function question(runs: readonly RunInfo[]): string {
  const training = runs.filter((run) => run.state === "running").length;
  const ends = training === 0 ? "" : ` ${training === 1 ? "One" : count(training)} of them trains now and is ended.`;
  return `Delete ${several(runs.length)} for good, with curves and checkpoints: ${named(runs)}?${ends}`;
}

/** What became of it; a run that stays is named with its reason. */
export function outcome({ runs, kept }: Removed, before: readonly RunInfo[]): string {
  const said = [runs.length === 0 ? "Nothing was deleted." : `${several(runs.length)} deleted.`];
  for (const { run, reason } of kept.slice(0, NAMED)) {
    said.push(`“${before.find((one) => one.id === run)?.name ?? run}”: ${reason}`);
  }
  if (kept.length > NAMED) said.push(`${count(kept.length - NAMED)} more stay for such reasons.`);
  return said.join(" ");
}

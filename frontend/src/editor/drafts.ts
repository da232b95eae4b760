/** Drafts that outlive a reload of the page: in the storage of this tab, one for each run, bounded. */
import { alike } from "../protocol/document";
import type { Choice, Network } from "../protocol/types";

/** The network, and what reads its outputs. */
interface Learner {
  network: Network;
  recipe: Choice;
}

export const learner = ({ network, recipe }: Learner): Learner => ({ network, recipe });

/** Whether both train the same network in the same way. */
export const sameLearner = (a: Learner, b: Learner): boolean =>
  alike(a.network, b.network) && alike(a.recipe, b.recipe);

/** A network that was not applied yet, and the one that it began from. */
export interface Draft extends Learner {
  base: Learner;
}

const PREFIX = "torchglass.draft.";
/** Characters of one draft; browsers give a tab about five million in all. */
const MOST = 1_500_000;

const keys = (): string[] => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));

/** Keeps the draft of a run, or forgets it (null). One that finds no room even after others gave way is not kept. */
export function storeDraft(run: string, draft: Draft | null): void {
  const key = PREFIX + run;
  const text = draft && JSON.stringify(draft);
  sessionStorage.removeItem(key);
  if (!text || text.length > MOST) return;
  for (const other of [...keys(), null]) {
    try {
      sessionStorage.setItem(key, text);
      return;
    } catch {
      if (other !== null) sessionStorage.removeItem(other);
    }
  }
}

export const draftFrom = (draft: Learner, base: Learner | null): Draft => ({
  ...learner(draft),
  base: learner(base ?? draft),
});

/** What was kept for a run that trains this; null where there is nothing to be read, or nothing that differs. */
export function draftOf(run: string, trained: Learner | undefined): Draft | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(PREFIX + run) ?? "null") as Partial<Draft> | null;
    const sound = [found, found?.base].every((one) => Array.isArray(one?.network?.nodes) && one.recipe);
    return sound && trained && !sameLearner(trained, found as Draft) ? (found as Draft) : null;
  } catch {
    return null;
  }
}

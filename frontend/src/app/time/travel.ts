/** What one can do with the time of a run: look back, go on from there, fork, come back to what was set aside. */
import { editor } from "../../editor";
import { count } from "../../math/format";
import { ApiError, post } from "../../protocol/api";
import type { RunInfo } from "../../protocol/types";
import { run } from "../../stores/run.svelte";
import { time } from "../../stores/time.svelte";
import { toasts } from "../../stores/toasts.svelte";
import { show } from "../start";

/** Where to go next, while an earlier look is on its way; only the newest counts. */
let wanted: number | null | undefined;
let asking = false;

/** Every picture shows the kept step nearest to this one; null: now. */
export async function look(step: number | null): Promise<void> {
  wanted = step === null ? null : (time.nearest(step) ?? null);
  time.looking = wanted;
  time.missing = false;
  if (asking) return;
  asking = true;
  while (wanted !== undefined) {
    const next: number | null = wanted;
    wanted = undefined;
    const found = await run.look(next);
    // What is changed meanwhile is seen: then nobody looks back any more.
    if (wanted === undefined && time.looking === next) time.looking = found;
  }
  asking = false;
}

export const backToNow = (): Promise<void> => look(null);

/** Where the training stands. */
const present = (): number => run.pulse?.step ?? run.info?.step ?? 0;

/** The kept step before the one that is looked at (or before now), or after it; null: now. */
export function neighbour(way: -1 | 1): number | null {
  const from = time.looking ?? present();
  const steps = time.kept.filter((step) => (way < 0 ? step < from : step > from && step < present()));
  return (way < 0 ? (steps.at(-1) ?? time.kept[0]) : steps[0]) ?? null;
}

export function lookEarlier(): void {
  if (time.kept.length === 0) toasts.show(time.reason ?? "No earlier steps are kept yet.", "bad");
  else void look(neighbour(-1));
}

export function lookLater(): void {
  if (time.looking !== null) void look(neighbour(1));
}

/** Goes on from the step that is looked at, with the document of that step; what came after is set aside. */
export async function goOn(): Promise<void> {
  const step = time.looking;
  if (step === null) {
    toasts.show("Look at an earlier step first: drag the handle on the curve, or press [.", "bad");
    return;
  }
  if (!(await back(step))) return;
  const said = `Back to step ${count(step)}`;
  editor.did(
    said,
    () => void bringBack(step),
    () => void back(step),
  );
}

async function back(step: number): Promise<boolean> {
  const id = run.info?.id ?? "";
  const training = run.info?.state === "running";
  const rewound = run.rewind(step);
  const { orders } = run;
  if (!(await rewound) || run.info?.id !== id) return false;
  await backToNow();
  if (run.info?.id !== id) return false;
  time.went(id, step);
  // Somebody may have pressed “Pause” or a step meanwhile.
  if (training && orders === run.orders) await run.run();
  return true;
}

/** Comes back to the newest stretch that was set aside (at step `base`). */
export async function bringBack(base?: number): Promise<void> {
  const aside = time.asides.filter((one) => base === undefined || one.base === base).at(-1);
  time.went(run.info?.id ?? "", null);
  if (!aside) {
    toasts.show("Nothing that was set aside is still kept.", "bad");
    return;
  }
  if (time.looking !== null) await backToNow();
  if (await run.rewind(aside.end, aside.branch)) toasts.show(`Step ${count(aside.end)} is back.`);
}

let forking = false;

/** A new run that begins at the step that is looked at, or at the newest kept one. */
export async function fork(): Promise<void> {
  const id = run.info?.id;
  const step = time.looking ?? time.kept.at(-1);
  if (!id || forking) return;
  if (step === undefined) {
    toasts.show(time.reason ?? "No earlier steps are kept yet.", "bad");
    return;
  }
  forking = true;
  try {
    const made = await post<RunInfo>(`/api/runs/${id}/fork`, { step });
    show(made.id, true);
    toasts.show(`A new run, forked from “${made.parent?.name ?? ""}” at step ${count(step)}.`);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toasts.show(error.message, "bad");
  } finally {
    forking = false;
  }
}

/** A changed experiment becomes a run of its own: forked where the run on screen keeps a step, else from step 0. */
import { count } from "../math/format";
import { ApiError, post } from "../protocol/api";
import type { Experiment, RunInfo } from "../protocol/types";
import { run } from "../stores/run.svelte";
import { time } from "../stores/time.svelte";
import { show } from "./start";

/**
 * Makes the new run, then (`made`) leaves the one on screen and shows it; where it begins, in words. Throws ApiError,
 * with nothing changed, when there can be none.
 */
export async function beginMine(mine: Experiment, made: () => void): Promise<string> {
  const id = run.info?.id;
  const start = run.info?.state === "running";
  const step = time.kept.at(-1);
  const forked = id && step !== undefined ? await forkAt(id, step) : null;
  const own = forked ?? (await fromStart(mine, start));
  made();
  show(own.id, true);
  if (!forked) return FROM_START;
  const { orders } = run;
  const there = (): boolean => run.info?.id === forked.id;
  await run.known;
  if (!(there() && (await takesOn(mine, there)))) {
    const again = await fromStart(mine, start);
    if (there()) show(again.id);
    return FROM_START;
  }
  // Somebody may have pressed “Run” or a step meanwhile, or look at another run.
  if (start && orders === run.orders) await run.run();
  return `a run of its own, forked at step ${count(own.step)}`;
}

const FROM_START = "a run of its own from step 0";
const fromStart = (experiment: Experiment, start: boolean): Promise<RunInfo> =>
  post<RunInfo>("/api/runs", { experiment, start });

/** A step may be gone from what is kept by the time it is asked for: then there is no fork. */
async function forkAt(id: string, step: number): Promise<RunInfo | null> {
  try {
    return await post<RunInfo>(`/api/runs/${id}/fork`, { step });
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

/** The fork has the document of its step: it takes on mine, weights that fit stay. False where it can not. */
async function takesOn({ name, network, data, recipe, training }: Experiment, there: () => boolean): Promise<boolean> {
  const answer = await run.recast({ network, data, recipe, training });
  if (answer.type !== "ack") return false;
  if (there()) run.set("name", name);
  return true;
}

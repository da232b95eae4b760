/** Fixed pieces of the run store. */
import { alike } from "../protocol/document";
import type { Experiment, LiveEvent, RunInfo } from "../protocol/types";

/** Pictures of the browser's own input travel as base64; pieces keep the argument list of fromCharCode short. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x2000) text += String.fromCharCode(...bytes.subarray(i, i + 0x2000));
  return btoa(text);
}

/** A run before there is one. */
export const UNBORN: Omit<RunInfo, "name" | "experiment"> = {
  id: "",
  state: "paused",
  step: 0,
  epoch: 0,
  metrics: {},
  device: "cpu",
  stepper: "eager",
  worker_pid: null,
  revision: 0,
  created_at: "",
  problem: null,
  steps_per_epoch: 0,
  parameters: 0,
  resolved: null,
  parent: null,
};

export const NOWHERE = {
  id: null,
  code: "not-connected",
  message: "There is no connection to the server.",
  node: null,
  field: null,
} as const;

/** How often a change of sections is sent anew, on top of what others changed elsewhere meanwhile. */
export const MOST_TRIES = 5;

/** Whether somebody changed one of the sections that `parts` replaces. */
export function touched(parts: Partial<Experiment>, seen: Experiment, now: Experiment): boolean {
  const keys = Object.keys(parts) as (keyof Experiment)[];
  return keys.some((key) => parts[key] !== undefined && !alike(seen[key], now[key]));
}

/** `now` with the network of `then`, where that was another one: what is seen of a run while one looks back. */
export function asThen(now: RunInfo | null, then: Experiment | null): RunInfo | null {
  if (!now || !then || !touched({ network: then.network, recipe: then.recipe }, now.experiment, then)) return now;
  const { network, recipe, view } = then;
  const positions = { ...now.experiment.view, positions: view.positions };
  return { ...now, experiment: { ...now.experiment, network, recipe, view: positions } };
}

/** Where a run's events come from; `stream` and `seq` name the last one that is known. */
export const liveAddress =
  (id: string) =>
  (stream: string, seq: number): string =>
    `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/runs/${id}/live` +
    (stream ? `?stream=${encodeURIComponent(stream)}&seq=${seq}` : "");

/** The same, back at a step. */
export function standing<T extends { step: number; epoch: number }>(of: T | null, step: number): T | null {
  return of && { ...of, step, epoch: step === 0 ? 0 : of.epoch };
}

type StateEvent = Extract<LiveEvent, { type: "state" }>;

/** What the description of a run takes from a word about its state. */
export const stateOf = ({
  state,
  step,
  epoch,
  worker_pid,
  problem,
}: StateEvent): Pick<RunInfo, "state" | "step" | "epoch" | "worker_pid" | "problem"> => ({
  state,
  step,
  epoch,
  worker_pid,
  problem,
});

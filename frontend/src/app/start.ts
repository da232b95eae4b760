/** Which run the page shows: the one in the address, the newest live one, or a new one. */
import { get, post } from "../protocol/api";
import type { RunInfo, RunState } from "../protocol/types";
import { run } from "../stores/run.svelte";

export const OPENING_PRESET = "mnist-cnn";

const LIVE: ReadonlySet<RunState> = new Set([
  "queued",
  "starting",
  "running",
  "paused",
  "parked",
  "interrupted",
  "finished",
]);

/** The id in `/runs/<id>`; null elsewhere. */
export function runInAddress(path = location.pathname): string | null {
  return /^\/runs\/([a-z0-9]+)\/?$/.exec(path)?.[1] ?? null;
}

const TAB = "torchglass.run";

/** The run that this tab showed before it was loaded again; null in a new tab. */
export const runOfTab = (): string | null => sessionStorage.getItem(TAB);

/** Connects to a run, and remembers that this tab shows it. */
export function open(id: string): void {
  sessionStorage.setItem(TAB, id);
  run.open(id);
}

export function show(id: string, push = false): void {
  const path = `/runs/${id}`;
  if (location.pathname !== path) history[push ? "pushState" : "replaceState"](null, "", path);
  open(id);
}

/** Starts a new run of a preset and shows it. */
export async function startPreset(preset: string): Promise<void> {
  const made = await post<RunInfo>("/api/runs", { preset });
  show(made.id, runInAddress() !== null);
}

/** Shows what the address asks for; throws ApiError when there is no server or no permission. */
export async function begin(): Promise<void> {
  const asked = runInAddress();
  if (asked) {
    open(asked);
    return;
  }
  const runs = await get<RunInfo[]>("/api/runs");
  const newest = runs.filter((one) => LIVE.has(one.state)).sort((a, b) => (a.created_at < b.created_at ? 1 : -1))[0];
  if (newest) show(newest.id);
  else await startPreset(OPENING_PRESET);
}

/** An experiment's document from a file, from text or dropped on the page: checked by the server, a run of its own. */
import { ApiError, post } from "../protocol/api";
import type { RunInfo } from "../protocol/types";
import { toasts } from "../stores/toasts.svelte";
import { show } from "./start";
import { ui } from "./ui-state.svelte";

/** What the server takes at most in one request. */
const MOST_BYTES = 1024 * 1024;

export function openImport(): void {
  ui.notImported = null;
  ui.dialog = "import";
}

/** Whether pasted text is a whole experiment rather than a piece of a network or just words. */
export function looksLikeExperiment(text: string): boolean {
  return /^\s*\{/.test(text) && /"network"\s*:/.test(text) && /"recipe"\s*:/.test(text);
}

/** The document in the text, also where it is wrapped as a preset is; throws an Error in words. */
export function documentIn(text: string): Record<string, unknown> {
  let found: unknown;
  if (new Blob([text]).size > MOST_BYTES) throw new Error("This is larger than an experiment can be (1 MB).");
  try {
    found = JSON.parse(text);
  } catch (error) {
    const where = error instanceof Error ? error.message.replace(/^JSON\.parse: /, "") : "";
    throw new Error(`This is not an experiment: it is no JSON (${where}).`, { cause: error });
  }
  const inner = typeof found === "object" && found !== null && "experiment" in found ? found.experiment : found;
  if (
    typeof inner !== "object" ||
    inner === null ||
    Array.isArray(inner) ||
    !("network" in inner) ||
    !("data" in inner)
  )
    throw new Error("This is not an experiment: it has no “network” or no “data”.");
  return inner as Record<string, unknown>;
}

/** Opens it as a new run; where it is none, says so in the window for opening, and the page stays as it is. */
export async function importText(text: string): Promise<boolean> {
  try {
    const made = await post<RunInfo>("/api/runs", { experiment: documentIn(text) });
    ui.notImported = null;
    ui.dialog = null;
    show(made.id, true);
    toasts.show(`Opened “${made.name}” as a new run.`);
    return true;
  } catch (error) {
    ui.notImported = words(error);
    ui.dialog = "import";
    return false;
  }
}

function words(error: unknown): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  const place = [error.node, error.field].filter((part) => part !== null && part !== "").join(", ");
  return place && !error.message.includes(place) ? `${error.message} (${place})` : error.message;
}

/** Whether files are dragged over the page, as opposed to a layer from the list. */
export const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;

/** A table becomes data of its own, anything else is taken for an experiment. */
export async function importFile(file: File | undefined): Promise<void> {
  if (!file) return;
  if (/\.(csv|tsv|txt)$/i.test(file.name)) {
    ui.file = file;
    ui.dialog = "table";
    return;
  }
  if (file.size > MOST_BYTES) {
    ui.notImported = "This file is larger than an experiment can be (1 MB).";
    ui.dialog = "import";
    return;
  }
  await importText(await file.text());
}

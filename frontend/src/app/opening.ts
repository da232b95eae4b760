/** Experiments from text, files, links and the library: checked by the server, each a run of its own. */
import { blank, startFrom } from "../editor";
import { fromLink, MOST_BYTES } from "../sharing/link";
import { ApiError, checkExperiment, get, post } from "../protocol/api";
import type { Experiment, RunInfo } from "../protocol/types";
import { run } from "../stores/run.svelte";
import { toasts } from "../stores/toasts.svelte";
import { isLink } from "./importing";
import { runInAddress, runOfTab, show } from "./start";
import { ui } from "./ui-state.svelte";

const NOT = "This is not an experiment";

/** The document in the text: plain, wrapped as a preset is, or as a link; throws an Error in words. */
export async function documentIn(text: string): Promise<Record<string, unknown>> {
  if (isLink(text)) return unwrapped(await fromLink(text));
  if (new Blob([text]).size > MOST_BYTES) throw new Error("This is larger than an experiment can be (1 MB).");
  try {
    return unwrapped(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Error(`${NOT}: it is no JSON (${error.message.replace(/^JSON\.parse: /, "")}).`, { cause: error });
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function unwrapped(found: unknown): Record<string, unknown> {
  const inner = isObject(found) && "experiment" in found ? found["experiment"] : found;
  if (!isObject(inner) || !("network" in inner) || !("data" in inner))
    throw new Error(`${NOT}: it has no “network” or no “data”.`);
  return inner;
}

/** Opens it as a new run and says so. */
export const openText = (text: string): Promise<void> => opened(async () => documentIn(text));

export async function openFile(file: File): Promise<void> {
  if (file.size > MOST_BYTES) refuse(new Error("This file is larger than an experiment can be (1 MB)."));
  else await openText(await file.text());
}

/** Opens an experiment of the library. */
export const openBookmark = (id: string): Promise<void> =>
  opened(async () => (await get<{ experiment: Record<string, unknown> }>(`/api/library/${id}`)).experiment);

/**
 * The address that the page was opened with, or that was put into it, holds an experiment. It becomes a new run; where
 * this tab shows one already, the page asks first. What is no experiment leaves the page as it would have been.
 */
export async function arrive(begin: () => Promise<unknown>): Promise<void> {
  const link = location.hash;
  const loaded = run.info !== null;
  const before = run.info?.id || runInAddress() || runOfTab();
  history.replaceState(null, "", run.composing ? "/#new" : before ? `/runs/${before}` : "/");
  if (!loaded && (before || !(await startsAs(link)))) await begin();
  if (loaded || before) await ask(link);
}

/** A new run of what the link holds; false, and why, where there can be none. */
async function startsAs(link: string): Promise<boolean> {
  await openText(link);
  return ui.dialog !== "import";
}

async function ask(link: string): Promise<void> {
  try {
    const document = await documentIn(link);
    ui.arrived = { document, report: await checkExperiment(document as unknown as Experiment) };
    ui.dialog = "arrived";
  } catch (error) {
    refuse(error);
  }
}

/** Opens a document that was looked at already. */
export const openDocument = (document: Record<string, unknown>): Promise<void> => opened(async () => document);

async function opened(read: () => Promise<Record<string, unknown>>): Promise<void> {
  let document: Record<string, unknown> | undefined;
  try {
    document = await read();
    const made = await post<RunInfo>("/api/runs", { experiment: document });
    ui.notImported = null;
    ui.unfinished = null;
    ui.dialog = null;
    show(made.id, runInAddress() !== null);
    toasts.show(`Opened “${shortened(made.name)}” as a new run.`);
  } catch (error) {
    refuse(error);
    if (document && error instanceof ApiError && error.type === "urn:torchglass:experiment") await offer(document);
  }
}

const shortened = (name: string): string => (name.length > 60 ? `${name.slice(0, 59)}…` : name);

function refuse(error: unknown): void {
  ui.notImported = words(error);
  ui.unfinished = null;
  ui.dialog = "import";
}

/** A document that is sound but can not train as it is may be opened in the builder. */
async function offer(document: Record<string, unknown>): Promise<void> {
  try {
    await checkExperiment(document as unknown as Experiment);
    if (ui.dialog === "import") ui.unfinished = document;
  } catch {
    // It is no experiment at all, which has been said.
  }
}

/** Shows it in the builder: what is missing there is said at the layers. */
export function build(document: Record<string, unknown>): void {
  ui.dialog = null;
  ui.arrived = null;
  ui.notImported = null;
  startFrom(completed(document as Partial<Experiment>));
}

/** A document that the server has accepted, with everything that it may leave out. */
function completed(given: Partial<Experiment>): Experiment {
  const base = blank(given.data?.kind ?? "mnist");
  return {
    ...base,
    ...given,
    data: { ...base.data, prepare: [], ...given.data },
    network: {
      parts: {},
      ...given.network,
      nodes: (given.network?.nodes ?? []).map((node) => ({ ...{ label: null, tied: {}, config: {} }, ...node })),
      edges: (given.network?.edges ?? []).map((edge) => ({ ...{ source_port: "out", target_port: "in" }, ...edge })),
    },
    recipe: { ...base.recipe, ...given.recipe },
    training: { ...base.training, ...given.training },
    view: { ...base.view, ...given.view },
  };
}

function words(error: unknown): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  const place = [error.node, error.field].filter((part) => part !== null && part !== "").join(", ");
  return place && !error.message.includes(place) ? `${error.message} (${place})` : error.message;
}

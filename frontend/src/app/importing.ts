/** What may be an experiment: text, files and links that come to the page. What is done with them loads when needed. */
import { ui } from "./ui-state.svelte";

/** Begins the end of an address that holds an experiment. */
const LINK = /#experiment=/;

export function openImport(): void {
  ui.notImported = null;
  ui.unfinished = null;
  ui.dialog = "import";
}

export const isLink = (text: string): boolean => LINK.test(text);

/** Whether pasted text is a whole experiment, or a link to one, rather than a piece of a network or just words. */
export function looksLikeExperiment(text: string): boolean {
  if (isLink(text)) return /^\s*\S+\s*$/.test(text);
  return /^\s*\{/.test(text) && /"network"\s*:/.test(text) && /"recipe"\s*:/.test(text);
}

/** Opens it as a new run; where it is none, says so in the window for opening, and the page stays as it is. */
export const importText = async (text: string): Promise<void> => (await import("./opening")).openText(text);

/** Opens an experiment of the library. */
export const openBookmark = async (id: string): Promise<void> => (await import("./opening")).openBookmark(id);

/** The address holds an experiment; `begin` shows what the page would show without. */
export const arrive = async (begin: () => Promise<unknown>): Promise<void> => (await import("./opening")).arrive(begin);

/** Whether files are dragged over the page, as opposed to a layer from the list. */
export const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;

/** A table or a zip of pictures becomes data of its own, anything else is taken for an experiment. */
export async function importFile(file: File | undefined): Promise<void> {
  if (!file) return;
  if (/\.(csv|tsv|txt)$/i.test(file.name)) {
    ui.file = file;
    ui.dialog = "table";
    return;
  }
  if (/\.zip$/i.test(file.name)) {
    ui.file = file;
    ui.dialog = "pictures";
    return;
  }
  await (await import("./opening")).openFile(file);
}

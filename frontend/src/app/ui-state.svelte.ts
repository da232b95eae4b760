/** What is open on the page; nothing that a run would know. */
import type { CheckReport } from "../protocol/types";

export type DialogName =
  | "keys"
  | "data"
  | "learning"
  | "commands"
  | "runs"
  | "sweep"
  | "compare"
  | "table"
  | "pictures"
  | "code"
  | "import"
  | "share"
  | "arrived"
  | "library"
  | null;
export type Pane = "network" | "output" | "settings" | "curve";

class UiState {
  dialog = $state<DialogName>(null);
  /** The setting that somebody wants to vary, by its path. */
  vary = $state<string | null>(null);
  /** The pane on a phone. */
  pane = $state<Pane>("network");
  /** A network that can be played with is shown as the cards of the builder instead. */
  cards = $state(false);
  /** The further settings of the learning are in sight. */
  learning = $state(false);
  /** A file that was dropped on the page and shall become a table, or pictures. */
  file = $state.raw<File | null>(null);
  /** What kept a dropped or pasted experiment from opening, in words. */
  notImported = $state<string | null>(null);
  /** What did not open because it can not train yet, for the builder. */
  unfinished = $state.raw<Record<string, unknown> | null>(null);
  /** What the address held while a run was open, and what the server says about it. */
  arrived = $state.raw<{ document: Record<string, unknown>; report: CheckReport } | null>(null);
  /** The page could not show a run, in words. */
  trouble = $state<string | null>(null);
}

export const ui = new UiState();

/** Several values of one setting side by side: opens the window with that setting chosen. */
export function varySetting(path: string): void {
  ui.vary = path;
  ui.dialog = "compare";
}

/** What is open on the page; nothing that a run would know. */
export type DialogName = "keys" | "data" | "learning" | "commands" | "runs" | "table" | "code" | "import" | null;
export type Pane = "network" | "output" | "settings" | "curve";

class UiState {
  dialog = $state<DialogName>(null);
  /** The pane on a phone. */
  pane = $state<Pane>("network");
  /** A network that can be played with is shown as the cards of the builder instead. */
  cards = $state(false);
  /** The further settings of the learning are in sight. */
  learning = $state(false);
  /** A file that was dropped on the page and shall become a table. */
  file = $state.raw<File | null>(null);
  /** What kept a dropped or pasted experiment from opening, in words. */
  notImported = $state<string | null>(null);
  /** The page could not show a run, in words. */
  trouble = $state<string | null>(null);
}

export const ui = new UiState();

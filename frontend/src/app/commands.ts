/** Everything that can be done from the keyboard, in one list: shortcuts, help and palette read it. */
import { curvesAsCsv } from "../math/csv";
import { metrics } from "../stores/metrics";
import { toasts } from "../stores/toasts.svelte";
import { catalogue } from "../stores/catalogue.svelte";
import { library } from "../stores/library.svelte";
import { layerName } from "../stores/names";
import { run } from "../stores/run.svelte";
import { selection } from "../stores/selection.svelte";
import { theme } from "../stores/theme.svelte";
import { time } from "../stores/time.svelte";
import {
  copySelected,
  EDITOR,
  editorCommands,
  editorKey,
  editorView,
  pasteText,
  removeSelected,
  runComposed,
} from "../editor";
import { download, fileName } from "./download";
import { importText, looksLikeExperiment, openBookmark, openImport } from "./importing";
import { startPreset } from "./start";
import { ui } from "./ui-state.svelte";

export interface PageCommand {
  id: string;
  label: string;
  /** As written in the help, e.g. `Shift →`. */
  keys?: string;
  /** Compared with the event: `key`, and whether Shift is held. */
  key?: string;
  shift?: boolean;
  act: () => void;
}

const PANES = ["pane-settings", "pane-network", "pane-output", "pane-inspector", "pane-curve"];

export function toggleRun(): void {
  if (runComposed()) return;
  void (run.info?.state === "running" ? run.pause() : run.run());
}

/** Moves the focus to the next pane. */
function focusPane(): void {
  const at = PANES.findIndex((id) => document.getElementById(id)?.contains(document.activeElement));
  for (let i = 1; i <= PANES.length; i++) {
    const pane = document.getElementById(PANES[(at + i) % PANES.length] ?? "");
    if (pane?.checkVisibility()) {
      pane.focus();
      return;
    }
  }
}

export function openPreset(id: string): void {
  startPreset(id).catch((error: unknown) => toasts.show(error instanceof Error ? error.message : String(error), "bad"));
}

type Travel = typeof import("./time/travel");
/** Time is fetched when somebody first travels in it. */
const travel =
  (act: (time: Travel) => unknown): (() => void) =>
  () =>
    void import("./time/travel").then(act, () => toasts.show("The server does not answer.", "bad"));

const BASE: PageCommand[] = [
  { id: "run", label: "Run or pause", keys: "Space", key: " ", act: toggleRun },
  { id: "step", label: "One step", keys: "→", key: "ArrowRight", shift: false, act: () => void run.step(1, "step") },
  {
    id: "epoch",
    label: "One epoch",
    keys: "Shift →",
    key: "ArrowRight",
    shift: true,
    act: () => void run.step(1, "epoch"),
  },
  { id: "again", label: "Start again with the same weights", keys: "R", key: "r", act: () => void run.reset(false) },
  { id: "new-weights", label: "Start again with new weights", act: () => void run.reset(true) },
  { id: "earlier", label: "Look at an earlier step", keys: "[", key: "[", act: travel((t) => t.lookEarlier()) },
  { id: "later", label: "Look at a later step", keys: "]", key: "]", act: travel((t) => t.lookLater()) },
  { id: "now", label: "Back to now", act: travel((t) => t.backToNow()) },
  { id: "go-on", label: "Go on from the step that is looked at", act: travel((t) => t.goOn()) },
  { id: "fork", label: "Fork a new run from here", act: travel((t) => t.fork()) },
  { id: "bring-back", label: "Bring back what going back has set aside", act: travel((t) => t.bringBack()) },
  { id: "pane", label: "Move to the next pane", keys: "F", key: "f", act: focusPane },
  { id: "theme", label: "Switch between light and dark", act: () => theme.toggle() },
  {
    id: "runs",
    label: "All runs: find, compare, rename, delete",
    keys: "L",
    key: "l",
    act: () => (ui.dialog = "runs"),
  },
  {
    id: "sweep",
    label: "Try many at once: a sweep over settings and seeds",
    keys: "W",
    key: "w",
    act: () => {
      if (run.info) ui.dialog = "sweep";
    },
  },
  {
    id: "compare",
    label: "Compare two to six variants side by side",
    keys: "V",
    key: "v",
    act: () => {
      if (run.info) ui.dialog = "compare";
    },
  },
  {
    id: "save-curves",
    label: "Save the curves (CSV)",
    act: () => download(fileName(run.info?.experiment.name ?? "", "csv"), curvesAsCsv(metrics.curves), "text/csv"),
  },
  { id: "table", label: "Learn from your own table (CSV)", act: () => (ui.dialog = "table") },
  { id: "code", label: "Show the code, take it away", keys: "T", key: "t", act: () => (ui.dialog = "code") },
  {
    id: "share",
    label: "Share: copy a link that holds the experiment",
    keys: "S",
    key: "s",
    act: () => {
      if (run.info) ui.dialog = "share";
    },
  },
  {
    id: "library",
    label: "My experiments: keep, find, open, rename, delete",
    keys: "E",
    key: "e",
    act: () => (ui.dialog = "library"),
  },
  { id: "import", label: "Open an experiment from a file, a link or text", keys: "O", key: "o", act: openImport },
  { id: "data", label: "About the data", act: () => (ui.dialog = "data") },
  { id: "learning", label: "About the loss and the optimizer", act: () => (ui.dialog = "learning") },
  { id: "keys", label: "Show all keys", keys: "?", key: "?", act: () => (ui.dialog = "keys") },
  {
    id: "close",
    label: "Close what is open, or let go of the selection",
    keys: "Escape",
    key: "Escape",
    act: () => {
      if (editorView.palette) editorView.palette = false;
      else if (time.looking !== null) travel((t) => t.backToNow())();
      else if (selection.cell) selection.cell = null;
      else if (selection.unit) selection.unit = null;
      else selection.select(null);
    },
  },
];

export const shortcuts = (): PageCommand[] => BASE.filter((command) => command.keys);
/** The keys of the editor, for the help. */
export const editorShortcuts = (): PageCommand[] => EDITOR.filter((command) => command.keys);

/** Everything that the palette offers now. */
export function commands(): PageCommand[] {
  const presets = catalogue.presets.map((preset) => ({
    id: `preset-${preset.id}`,
    label: `New run: ${preset.name}`,
    act: () => openPreset(preset.id),
  }));
  const own = library.newest.map(({ id, name }) => ({
    id: `mine-${id}`,
    label: `New run of mine: ${name}`,
    act: () => void openBookmark(id),
  }));
  const nodes = (run.info?.experiment.network.nodes ?? []).map((node) => ({
    id: `node-${node.id}`,
    label: `Look into ${layerName(run.info?.experiment.network, node.id)}`,
    act: () => selection.select(node.id),
  }));
  const edits = editorCommands().filter((command) => !command.id.endsWith("-y") && command.id !== "edit-backspace");
  return [...BASE.filter((command) => command.id !== "close"), ...edits, ...own, ...presets, ...nodes];
}

const TYPING = new Set(["INPUT", "TEXTAREA", "SELECT"]);

/** A button reached with Tab is pressed by the space bar; one that was clicked leaves the space bar to the run. */
let byKeyboard = false;
export function onPointer(): void {
  byKeyboard = false;
}

/** A window lies over the page: its keys are its own. */
const windowOpen = (): boolean =>
  ui.dialog !== null || editorView.asking !== null || document.querySelector("dialog[open]") !== null;

/** Acts on a key unless it belongs to the control that has the focus. */
export function onKey(event: KeyboardEvent): void {
  if (event.key === "Tab") byKeyboard = true;
  if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    ui.dialog = ui.dialog === "commands" ? null : "commands";
    return;
  }
  if (event.defaultPrevented || windowOpen() || event.altKey) return;
  const target = event.target instanceof HTMLElement ? event.target : null;
  const slides = target instanceof HTMLInputElement && target.type === "range";
  if (
    target &&
    (TYPING.has(target.tagName) || target.isContentEditable) &&
    !(slides && (event.key === " " || event.ctrlKey || event.metaKey))
  )
    return;
  if (editorKey(event) || event.metaKey || event.ctrlKey) return;
  if (event.key === " " && byKeyboard && target?.closest("button, summary, a, [role=button]")) return;
  if (event.key.startsWith("Arrow") && target?.closest("[role=tab], [role=grid], [role=slider], [role=menuitem]"))
    return;
  const found = BASE.find(
    (command) =>
      command.key !== undefined &&
      command.key.toLowerCase() === event.key.toLowerCase() &&
      (command.shift === undefined || command.shift === event.shiftKey),
  );
  if (!found) return;
  // Clicked before: a key pressed now is not about that button, which shows no ring for it.
  if (!byKeyboard && target instanceof HTMLButtonElement) target.blur();
  event.preventDefault();
  found.act();
}

/** Whether a copy or paste is about the network: not about marked text, not about a field. */
function aboutNetwork(event: ClipboardEvent): boolean {
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (windowOpen() || target?.isContentEditable || TYPING.has(target?.tagName ?? "")) return false;
  return (getSelection()?.toString() ?? "") === "";
}

export function onCopy(event: ClipboardEvent): void {
  const text = aboutNetwork(event) ? copySelected() : null;
  if (text === null) return;
  event.preventDefault();
  event.clipboardData?.setData("text/plain", text);
  if (event.type === "cut") removeSelected(true, "Cut");
}

export function onPaste(event: ClipboardEvent): void {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!aboutNetwork(event) || text === "") return;
  event.preventDefault();
  if (looksLikeExperiment(text)) void importText(text);
  else pasteText(text);
}

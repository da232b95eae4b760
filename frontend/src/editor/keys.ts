/** Everything that the editor can be asked for, with its keys: the page's help, palette and shortcuts read it. */
import { selection } from "../stores/selection.svelte";
import * as act from "./actions";
import { editor } from "./document.svelte";
import { startFromNothing } from "./new";
import { view } from "./view.svelte";

export interface EditorCommand {
  id: string;
  label: string;
  /** As written in the help. */
  keys?: string;
  key?: string;
  /** With Ctrl or ⌘. */
  mod?: boolean;
  shift?: boolean;
  /** What it needs: something selected, a block, nothing. */
  needs?: "selection" | "layers" | "block" | "end";
  act: () => void;
}

const command = (
  id: string,
  label: string,
  run: () => void,
  rest: Omit<EditorCommand, "id" | "label" | "act"> = {},
) => ({
  id: `edit-${id}`,
  label,
  act: run,
  ...rest,
});

export const EDITOR: EditorCommand[] = [
  command("add", "Add a layer or block", () => (view.palette = true), { keys: "A", key: "a", mod: false }),
  command("complete", "Complete it for me: the end and the loss that answer the data", complete, { needs: "end" }),
  command("undo", "Undo", () => editor.undo(), { keys: "Ctrl Z", key: "z", mod: true, shift: false }),
  command("redo", "Redo", () => editor.redo(), { keys: "Ctrl Shift Z", key: "z", mod: true, shift: true }),
  command("redo-y", "Redo", () => editor.redo(), { key: "y", mod: true }),
  command("delete", "Remove what is selected and join its neighbours", () => act.removeSelected(true), {
    keys: "Delete",
    key: "Delete",
    shift: false,
    needs: "selection",
  }),
  command("backspace", "Remove", () => act.removeSelected(true), {
    key: "Backspace",
    shift: false,
    needs: "selection",
  }),
  command("cut-off", "Remove what is selected, neighbours apart", () => act.removeSelected(false), {
    keys: "Shift Delete",
    key: "Delete",
    shift: true,
    needs: "layers",
  }),
  command("connect", "Connect the selected layer to …", askConnect, {
    keys: "C",
    key: "c",
    mod: false,
    needs: "layers",
  }),
  command("duplicate", "Duplicate", act.duplicateSelected, { keys: "Ctrl D", key: "d", mod: true, needs: "layers" }),
  command("all", "Select every layer", act.selectEverything, { keys: "Ctrl A", key: "a", mod: true }),
  command("copy", "Copy layers", () => void act.copyOut(false), { keys: "Ctrl C", needs: "layers" }),
  command("cut", "Cut layers", () => void act.copyOut(true), { keys: "Ctrl X", needs: "layers" }),
  command("paste", "Paste layers", () => void act.pasteIn(), { keys: "Ctrl V" }),
  command("group", "Group into a block …", () => (view.asking = { what: "group", ids: selection.nodes }), {
    keys: "Ctrl G",
    key: "g",
    mod: true,
    shift: false,
    needs: "layers",
  }),
  command("ungroup", "Dissolve the block", act.ungroupSelected, {
    keys: "Ctrl Shift G",
    key: "g",
    mod: true,
    shift: true,
    needs: "block",
  }),
  command("toggle", "Open or close the block", () => act.toggleBlock(), {
    keys: "B",
    key: "b",
    mod: false,
    needs: "block",
  }),
  command("repeat", "Repeat the block × …", () => askBlock("repeat"), { needs: "block" }),
  command("rename", "Rename the block …", () => askBlock("rename"), { needs: "block" }),
  command("share", "Share weights between the selected layers", act.shareSelected, { needs: "layers" }),
  command("unshare", "Give the selected layers weights of their own", () => void act.unshareSelected(), {
    needs: "layers",
  }),
  command("layout", "Lay the network out", act.autoLayout),
  command("fit", "Fit the network into view", () => (view.fitting += 1), { keys: "0", key: "0", mod: false }),
  command("zoom", "Zoom to the selection", () => (view.zooming += 1), {
    keys: "Z",
    key: "z",
    mod: false,
    needs: "selection",
  }),
  command("map", "Show or hide the small map", () => (view.minimap = !view.minimap), {
    keys: "M",
    key: "m",
    mod: false,
  }),
  command("new", "New network from nothing", () => startFromNothing(), { keys: "N", key: "n", mod: false }),
];

const missing = () => editor.report?.suggestions.find((one) => one.kind === "complete");

function complete(): void {
  const offer = missing();
  if (offer) void act.take(offer);
}

function askConnect(): void {
  const from = view.cardOf(selection.node)?.outputs[0]?.node;
  if (from !== undefined) view.asking = { what: "connect", from };
}

function askBlock(what: "repeat" | "rename"): void {
  const block = act.selectedBlock();
  if (block !== null) view.asking = { what, block };
}

const fulfilled = (needs: EditorCommand["needs"]): boolean => {
  if (needs === "selection") return selection.nodes.length > 0 || selection.edge !== null;
  if (needs === "layers") return selection.nodes.length > 0;
  if (needs === "end") return missing() !== undefined;
  if (needs === "block") return act.selectedBlock() !== null;
  return true;
};

/** What can be asked for now. */
export const available = (): EditorCommand[] =>
  editor.locked
    ? EDITOR.filter((one) => one.id === "edit-new")
    : EDITOR.filter((one) => one.label !== "" && fulfilled(one.needs));

const matches = (one: EditorCommand, event: KeyboardEvent): boolean =>
  one.key !== undefined &&
  one.key.toLowerCase() === event.key.toLowerCase() &&
  (one.mod === undefined ? !(event.ctrlKey || event.metaKey) : one.mod === (event.ctrlKey || event.metaKey)) &&
  (one.shift === undefined || one.shift === event.shiftKey);

/** Acts on a key that is the editor's, wherever the focus is (but in a field). True if it was. */
export function editorKey(event: KeyboardEvent): boolean {
  if (editor.locked || event.altKey) return false;
  const found = EDITOR.find((one) => matches(one, event) && fulfilled(one.needs));
  if (!found) return false;
  event.preventDefault();
  found.act();
  return true;
}

const ARROWS: Record<string, 1 | -1> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Keys inside the canvas: arrows walk from layer to connection to layer, Enter inserts at a connection. */
export function canvasKeys(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const onCard = target.matches("[data-card]:focus-visible");
  const onEdge = selection.edge !== null && (target.matches(".canvas") || target.matches("[data-edge]"));
  const direction = ARROWS[event.key];
  if (direction && !event.ctrlKey && !event.metaKey && !event.shiftKey && (onCard || onEdge)) {
    const card = target.dataset["card"];
    if (card !== undefined && !view.cardOf(selection.node)?.nodes.includes(card)) act.selectCard(card);
    if (act.step(direction)) {
      event.preventDefault();
      event.stopPropagation();
      view.focusing += 1;
    }
  } else if (event.key === "Enter" && onEdge && !editor.locked) {
    event.preventDefault();
    view.palette = true;
  }
}

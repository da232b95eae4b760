/** Layers dragged from the palette onto the canvas. */
import { catalogue } from "../stores/catalogue.svelte";
import { selection } from "../stores/selection.svelte";
import { addBlock, addLayer, addOn } from "./actions";
import type { Link } from "./cards";
import { editor } from "./document.svelte";

export const DRAGGED = "application/x-torchglass";

/** True if it was ours: inserted on the connection below the pointer, else where it was let go. */
export function dropOn(event: DragEvent, at: { x: number; y: number }, link: Link | null): boolean {
  const kind = event.dataTransfer?.getData(DRAGGED);
  if (!kind || editor.locked) return false;
  const block = catalogue.entries.blocks?.some((one) => one.kind === kind);
  if (link) addOn(link.id, kind);
  else if (block) {
    selection.selectAll([]);
    addBlock(kind);
  } else if (editor.network.nodes.length === 0) addLayer(kind);
  else addLayer(kind, [Math.round(at.x), Math.round(at.y)]);
  return true;
}

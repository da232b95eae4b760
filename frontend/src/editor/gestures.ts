/** What is done with the mouse on the canvas, as ends, places and cards of the document. */
import type { Connection, OnConnectEnd } from "@xyflow/svelte";

import { selection } from "../stores/selection.svelte";
import { connect, reconnect, selectCard } from "./actions";
import { refusal, refusalToMove } from "./core/connect";
import { edgeId, makeEdge } from "./core/network";
import { editor } from "./document.svelte";
import { view } from "./view.svelte";

type Handles = Partial<Pick<Connection, "sourceHandle" | "targetHandle">>;

/** Ends of a connection on the canvas as ends in the document. */
export function edgeOf({ sourceHandle, targetHandle }: Handles): ReturnType<typeof makeEdge> {
  const [source = "", port = "out"] = (sourceHandle ?? "").split(".");
  const [target = "", entrance = "in"] = (targetHandle ?? "").split(".");
  return makeEdge(source, target, port, entrance);
}

/** The connection of the document that changes when an end of a line is moved, and what becomes of it. */
function movedEnd(line: string, next: Handles): { from: string; to: ReturnType<typeof makeEdge> } {
  const to = edgeOf(next);
  const link = view.link(line);
  const [first, last] = [link?.chain[0], link?.chain.at(-1)];
  if (!link || !first || !last || first === last) return { from: line, to };
  // What is told on the line, a flattening say, stays on it.
  return next.sourceHandle === link.sourceHandle
    ? { from: edgeId(last), to: makeEdge(last.source, to.target, last.source_port, to.target_port) }
    : { from: edgeId(first), to: makeEdge(to.source, first.target, to.source_port, first.target_port) };
}

/** Whether what is being drawn may end there. */
export function fits(next: Handles): boolean {
  const { network, portsOf } = editor;
  if (view.moving === null) return !refusal(network, edgeOf(next), portsOf);
  const { from, to } = movedEnd(view.moving, next);
  return !refusalToMove(network, from, to, portsOf);
}

/** An end of a line was let go over another port. */
export function moveEnd(line: string, next: Handles): void {
  const { from, to } = movedEnd(line, next);
  reconnect(from, to);
}

/** Let go over a port that does not take it: why not, in words. */
export const connected: OnConnectEnd = (_, { fromHandle, toHandle, isValid }) => {
  view.connecting = false;
  if (isValid !== false || !fromHandle || !toHandle || fromHandle.type === toHandle.type) return;
  const forwards = fromHandle.type === "source";
  const ends: Handles = {
    sourceHandle: (forwards ? fromHandle : toHandle).id ?? null,
    targetHandle: (forwards ? toHandle : fromHandle).id ?? null,
  };
  if (view.moving === null) connect(edgeOf(ends));
  else moveEnd(view.moving, ends);
};

/** What a frame drawn over the canvas has caught is what the page has selected. */
export function selected(ids: readonly string[]): void {
  selection.selectAll([]);
  for (const id of ids) selectCard(id, true);
}

/** What is done with the mouse on the canvas, as ends, places and cards of the document. */
import type { Connection, OnConnectEnd } from "@xyflow/svelte";

import { selection } from "../stores/selection.svelte";
import { connect, selectCard } from "./actions";
import { makeEdge } from "./core/network";
import { view } from "./view.svelte";

type Handles = Partial<Pick<Connection, "sourceHandle" | "targetHandle">>;

/** Ends of a connection on the canvas as ends in the document. */
export function edgeOf({ sourceHandle, targetHandle }: Handles): ReturnType<typeof makeEdge> {
  const [source = "", port = "out"] = (sourceHandle ?? "").split(".");
  const [target = "", entrance = "in"] = (targetHandle ?? "").split(".");
  return makeEdge(source, target, port, entrance);
}

/** Let go over a port that does not take it: why not, in words. */
export const connected: OnConnectEnd = (_, { fromHandle, toHandle, isValid }) => {
  view.connecting = false;
  if (isValid !== false || !fromHandle || !toHandle || fromHandle.type === toHandle.type) return;
  const forwards = fromHandle.type === "source";
  connect(
    edgeOf({
      sourceHandle: (forwards ? fromHandle : toHandle).id ?? null,
      targetHandle: (forwards ? toHandle : fromHandle).id ?? null,
    }),
  );
};

/** What a frame drawn over the canvas has caught is what the page has selected. */
export function selected(ids: readonly string[]): void {
  selection.selectAll([]);
  for (const id of ids) selectCard(id, true);
}

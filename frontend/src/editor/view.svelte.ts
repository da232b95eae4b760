/** What is open in the editor and how the network stands on the canvas; nothing that a document would know. */
import type { Card, Link } from "./cards";

/** What the window over the canvas asks for. */
export type Asking =
  | { what: "connect"; from: string }
  | { what: "group"; ids: readonly string[] }
  | { what: "rename"; block: string }
  | { what: "repeat"; block: string };

class EditorView {
  /** The list of layers is open. */
  palette = $state(false);
  minimap = $state(false);
  asking = $state.raw<Asking | null>(null);
  cards = $state.raw<readonly Card[]>([]);
  links = $state.raw<readonly Link[]>([]);
  /** The connection under the pointer. */
  hover = $state<string | null>(null);
  /** As `editor.locked`: every card, port and connection asks, and only hears of it when it changes. */
  locked = $state(true);
  /** A connection is being drawn: every port shows. */
  connecting = $state(false);
  /** Counts the wishes to see the whole network, and to see the selection. */
  fitting = $state(0);
  zooming = $state(0);
  /** Counts the wishes to have the focus on the selected card. */
  focusing = $state(0);

  link(id: string | null): Link | undefined {
    return this.links.find((link) => link.id === id);
  }

  cardOf(node: string | null): Card | undefined {
    return this.cards.find((card) => node !== null && card.nodes.includes(node));
  }
}

export const view = new EditorView();

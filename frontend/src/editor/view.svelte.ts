/** What is open in the editor and how the network stands on the canvas; nothing that a document would know. */
import type { Card, Link } from "./cards";

/** What the window over the canvas asks for. */
export type Asking =
  | { what: "connect"; from: string }
  | { what: "group"; ids: readonly string[] }
  | { what: "rename"; block: string }
  | { what: "repeat"; block: string };

/** Milliseconds: long enough to reach the button at a connection. */
const LINGER = 200;

class EditorView {
  /** The list of layers is open. */
  palette = $state(false);
  minimap = $state(false);
  asking = $state.raw<Asking | null>(null);
  cards = $state.raw<readonly Card[]>([]);
  links = $state.raw<readonly Link[]>([]);
  /** The connection under the pointer, or that was there a moment ago. */
  hover = $state<string | null>(null);
  private leaving: ReturnType<typeof setTimeout> | undefined;
  /** As `editor.locked`: every card, port and connection asks, and only hears of it when it changes. */
  locked = $state(true);
  /** The connection of which an end is being moved. */
  moving: string | null = null;
  /** A connection is being drawn: every port shows. */
  connecting = $state(false);
  /** Counts the wishes to see the whole network, and to see the selection. */
  fitting = $state(0);
  zooming = $state(0);
  /** Counts the wishes to have the focus on the selected card. */
  focusing = $state(0);

  /** The pointer comes onto a connection or what stands at it, or leaves it: on the way between them it is nowhere. */
  point(id: string | null): void {
    clearTimeout(this.leaving);
    if (id !== null) this.hover = id;
    else this.leaving = setTimeout(() => (this.hover = null), LINGER);
  }

  link(id: string | null): Link | undefined {
    return this.links.find((link) => link.id === id);
  }

  cardOf(node: string | null): Card | undefined {
    return this.cards.find((card) => node !== null && card.nodes.includes(node));
  }
}

export const view = new EditorView();

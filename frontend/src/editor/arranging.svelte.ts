/** How large the cards are and where they stand. */
import { untrack } from "svelte";

import type { Card, Link } from "./cards";
import type { Positions } from "./core/clipboard";
import type { Sizes } from "./flow";
import { type Frame, layoutPieces } from "./graph-layout";
import { type Area, type Arrangement, chainOf, layoutChain, layoutPlaced } from "./layout";
import { Rest } from "./rest";

export class Arranging {
  sizes = $state.raw<Sizes>({});
  found = $state.raw<Arrangement | null>(null);
  /** Several quick edits: only the newest layout counts. */
  private asked = 0;
  /** A layout takes longer than a keystroke may. */
  private readonly rest = new Rest();

  /** Each card says how large it is as soon as it knows. */
  readonly measure = (id: string, width: number, height: number): void => {
    const sizes = untrack(() => this.sizes);
    const known = sizes[id];
    if (height === 0 || (known?.width === width && known.height === height)) return;
    this.sizes = { ...sizes, [id]: { width, height } };
  };

  /** Finds places once every card is measured. */
  lay(
    cards: readonly Card[],
    links: readonly Link[],
    frames: readonly Frame[],
    positions: Readonly<Positions>,
    area: Area,
  ): void {
    const known = cards.map((card) => ({ id: card.id, ...(this.sizes[card.id] ?? { width: 0, height: 0 }) }));
    if (known.length === 0 || known.some((size) => size.height === 0)) return;
    this.asked += 1;
    if (cards.some((card) => positions[card.id])) {
      this.settle(layoutPlaced(known, links, positions));
      return;
    }
    const ids = known.map((size) => size.id);
    const chain = frames.length > 0 ? null : chainOf(ids, links);
    if (chain) {
      const byId = new Map(known.map((size) => [size.id, size]));
      const row = chain.map((id) => byId.get(id)).filter((size) => size !== undefined);
      this.settle(layoutChain(row, area));
    } else {
      const mine = this.asked;
      const find = (): void =>
        void layoutPieces(known, links, frames, area).then((found) => {
          if (mine === this.asked) this.settle(found);
        });
      if (untrack(() => this.found)) this.rest.then(find);
      else find();
    }
  }

  /** The same places again are no news to anybody. */
  private settle(next: Arrangement): void {
    const now = untrack(() => this.found);
    if (!now || text(now) !== text(next)) this.found = next;
  }

  /** Where every card stands, in whole pixels. */
  get places(): Positions {
    const rounded = ([id, { x, y }]: [string, { x: number; y: number }]): [string, [number, number]] => [
      id,
      [Math.round(x), Math.round(y)],
    ];
    return Object.fromEntries([...(this.found?.places ?? [])].map(rounded));
  }
}

const text = ({ places, turns, bends, ...rest }: Arrangement): string =>
  JSON.stringify([[...places], [...turns], [...(bends ?? [])], rest]);

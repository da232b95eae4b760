/** What a frame of the probe `fed` says about the pictures of a training batch. Pure. */
import { numberIn, textsIn, type Extra } from "../../math/extra";
import { percent } from "../../math/format";
import type { Choice } from "../../protocol/types";

/** The words under each picture: its class; of a mixed pair both, by their shares. */
export function captions(extra: Extra, count: number): string[] {
  const [first, others] = [textsIn(extra, "labels"), textsIn(extra, "seconds")];
  const share = numberIn(extra, "share");
  return Array.from({ length: count }, (_, i) => {
    const [one = "", other] = [first[i], others[i]];
    if (other === undefined || Number.isNaN(share)) return one;
    if (one === other) return one;
    return `${one} ${percent(share, 0)}, ${other} ${percent(1 - share, 0)}`;
  });
}

/** The list with one more of that kind, one fewer, or one carried out earlier. */
export const added = (list: readonly Choice[], kind: string): Choice[] => [...list, { kind, config: {} }];
export const without = (list: readonly Choice[], at: number): Choice[] => list.filter((_, i) => i !== at);
export function earlier(list: readonly Choice[], at: number): Choice[] {
  const [one, before] = [list[at], list[at - 1]];
  return one && before ? [...list.slice(0, at - 1), one, before, ...list.slice(at + 1)] : [...list];
}

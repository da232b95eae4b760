/** What is frozen or silenced by hand, and how a click changes it. Pure. */
import type { Hold } from "../../protocol/types";

export type Held = Readonly<Record<string, Hold>>;
export type Way = "frozen" | "silent";

const NOTHING: Hold = { frozen: false, silent: false, frozen_units: [], silent_units: [] };

export const holdOf = (held: Held, node: string): Hold => held[node] ?? NOTHING;

const units = (hold: Hold, way: Way): readonly number[] => (way === "frozen" ? hold.frozen_units : hold.silent_units);

/** Is the layer (unit null) or that unit of it held in that way? */
export const isHeld = (held: Held, node: string, way: Way, unit: number | null): boolean =>
  unit === null ? holdOf(held, node)[way] : units(holdOf(held, node), way).includes(unit);

/** The other way round for the layer, or for one unit. A layer that is not held leaves no trace. */
export function toggled(held: Held, node: string, way: Way, unit: number | null): Record<string, Hold> {
  const before = holdOf(held, node);
  const list = units(before, way);
  const flipped = unit === null ? list : list.includes(unit) ? list.filter((one) => one !== unit) : [...list, unit];
  const sorted = [...flipped].sort((a, b) => a - b);
  const after: Hold = {
    frozen: way === "frozen" && unit === null ? !before.frozen : before.frozen,
    silent: way === "silent" && unit === null ? !before.silent : before.silent,
    frozen_units: way === "frozen" ? sorted : before.frozen_units,
    silent_units: way === "silent" ? sorted : before.silent_units,
  };
  const rest = Object.fromEntries(Object.entries(held).filter(([name]) => name !== node));
  const empty = !after.frozen && !after.silent && !after.frozen_units.length && !after.silent_units.length;
  return empty ? rest : { ...rest, [node]: after };
}

/** One line for each layer that is held: what is held of it. */
export function heldWords(held: Held, name: (node: string) => string): { node: string; text: string }[] {
  const listed = (numbers: readonly number[]): string => {
    const shown = numbers.slice(0, 6).map((unit) => String(unit + 1));
    return `${numbers.length === 1 ? "unit" : "units"} ${shown.join(", ")}${numbers.length > 6 ? " …" : ""}`;
  };
  return Object.entries(held).map(([node, hold]) => {
    const parts = [
      hold.frozen ? "frozen" : hold.frozen_units.length ? `${listed(hold.frozen_units)} frozen` : "",
      hold.silent ? "silenced" : hold.silent_units.length ? `${listed(hold.silent_units)} silenced` : "",
    ];
    return { node, text: `${name(node)}: ${parts.filter(Boolean).join(", ")}` };
  });
}

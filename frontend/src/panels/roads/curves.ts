/** Sizes along both roads as two curves over the blocks. Pure. */
import { type Junction, type Road, shortcutOf } from "../roads";

type Points = readonly (readonly [number, number])[];
export interface Curves {
  shortcut: Points;
  layers: Points;
}

/** Block number (from 1) and size; where there is nothing there is no point. */
export function curves(junctions: readonly Junction[], of: (road: Road) => number | null): Curves {
  const points = (pick: (junction: Junction) => Road | undefined): Points =>
    junctions.flatMap((junction, i) => {
      const road = pick(junction);
      const size = road && of(road);
      return typeof size === "number" && size > 0 ? [[i + 1, size] as const] : [];
    });
  return {
    shortcut: points(shortcutOf),
    layers: points((junction) => junction.roads.find((road) => road !== shortcutOf(junction))),
  };
}

/** Whole powers of ten around the sizes. */
export function powers(points: Points): [number, number] {
  const sizes = points.map(([, size]) => Math.log10(size));
  if (!sizes.length) return [1e-3, 1];
  const low = Math.floor(Math.min(...sizes));
  return [10 ** low, 10 ** Math.max(low + 1, Math.ceil(Math.max(...sizes)))];
}

/** The first block's share of what the last one has; null for fewer than two. */
export function lost(points: Points): number | null {
  const [first, last] = [points[0]?.[1], points.at(-1)?.[1]];
  return points.length > 1 && first && last ? first / last : null;
}

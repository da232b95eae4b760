/** How filters are laid out. Pure. */
import { shape as shapeText } from "../../math/format";

export interface FilterPlan {
  kind: "pictures" | "matrix";
  filters: number;
  /** Input channels shown of each filter. */
  channels: number;
  columns: number;
  /** Maps that belong together: the channels of one filter. */
  group: number;
  what: string;
  /** `filter`, or `unit` of a dense layer. */
  one: string;
}

/**
 * The weights of a dense layer behind flattened maps (C, H, W) are maps themselves: (K, D) becomes (K, C, H, W).
 * Anything else stays as it is.
 */
export function asMaps(sizes: readonly number[], behind: readonly (number | string)[]): readonly number[] {
  const [units = 0, inputs = 0] = sizes;
  const product = behind.reduce<number>((n, size) => n * Number(size), 1);
  return sizes.length === 2 && behind.length === 3 && product === inputs ? [units, ...behind.map(Number)] : sizes;
}

/** `sizes`: (K, C, H, W), or (K, D) for weights that are no pictures. */
export function planFilters(sizes: readonly number[], name: string, one = "filter"): FilterPlan {
  const [filters = 0, channels = 1, ...kernel] = sizes;
  if (sizes.length !== 4) {
    return {
      kind: "matrix",
      filters,
      channels: 1,
      columns: 1,
      group: 0,
      what: `Weights of ${name}, one row per unit`,
      one,
    };
  }
  const what = `${filters} ${one}s ${shapeText(kernel)} of ${name}`;
  if (channels === 1) {
    const large = (kernel[1] ?? 1) > 12;
    return {
      kind: "pictures",
      filters,
      channels,
      columns: Math.min(filters, large && filters <= 20 ? 5 : 8),
      group: 0,
      what,
      one,
    };
  }
  const beside = Math.max(1, Math.floor(16 / channels));
  return {
    kind: "pictures",
    filters,
    channels,
    columns: channels * Math.min(beside, filters),
    group: channels,
    what: `${what}, each over ${channels} input channels`,
    one,
  };
}

/** Filter and input channel of a map. */
export function filterOf(plan: FilterPlan, map: number): { filter: number; channel: number } {
  return { filter: Math.floor(map / plan.channels), channel: map % plan.channels };
}

export function filterName(plan: FilterPlan, map: number): string {
  const { filter, channel } = filterOf(plan, map);
  return plan.channels > 1 ? `${plan.one} ${filter}, input channel ${channel}` : `${plan.one} ${filter}`;
}

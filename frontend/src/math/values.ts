/** The numbers of one picture, as they came: quantised bytes or floats, with shape and named axes. Never reactive. */

export interface Values {
  shape: readonly number[];
  axes: readonly string[];
  lo: number;
  hi: number;
  bytes: Uint8Array | null;
  floats: Float32Array | null;
}

/** Hands values to `show` as they come, the latest at once; the answer ends it. */
export type Feed<T> = (show: (value: T) => void) => () => void;

/** Element `i` in C order; NaN beyond the end. */
export function valueAt(values: Values, i: number): number {
  if (values.bytes) {
    const byte = values.bytes[i];
    return byte === undefined ? NaN : values.lo + (byte / 255) * (values.hi - values.lo);
  }
  return values.floats?.[i] ?? NaN;
}

export const length = (values: Values): number => values.bytes?.length ?? values.floats?.length ?? 0;

/** A plain list of at most `limit` elements from `start`. */
export function list(values: Values, limit: number, start = 0): number[] {
  const n = Math.max(0, Math.min(limit, length(values) - start));
  return Array.from({ length: n }, (_, i) => valueAt(values, start + i));
}

/** A stack of `count` maps of height × width: how any shape is laid out as pictures. */
export interface Maps {
  count: number;
  height: number;
  width: number;
}

/**
 * `[..., H, W]` is a stack of maps, `[T, D]` one map; a vector becomes one map of `columns` columns, filled row by
 * row (its last row may be short).
 */
export function mapsOf(sizes: readonly number[], columns?: number): Maps {
  const [width = 1, height = 1] = [...sizes].reverse();
  if (sizes.length >= 2) return { count: sizes.slice(0, -2).reduce((n, size) => n * size, 1), height, width };
  const across = columns ?? stripColumns(width);
  return { count: 1, height: Math.ceil(width / across), width: across };
}

/** Columns of a long vector shown as a strip about twice as high as wide. */
export const stripColumns = (n: number): number => Math.max(1, Math.round(Math.sqrt(n / 2)));

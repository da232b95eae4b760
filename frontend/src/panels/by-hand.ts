/** Examples edited by hand: which entry of the document stands behind which example that is seen. Pure. */
import type { ByHand } from "../protocol/types";

export type Split = ByHand["split"];
/** A row of the data set itself, or the place of a new example in the list. */
export type Origin = { row: number } | { entry: number };

/** `rows`: examples of the split before anything was done by hand. In the order in which the examples are seen. */
export function originsOf(list: readonly ByHand[], split: Split, rows: number): Origin[] {
  const gone = new Set(list.filter((one) => one.split === split && one.gone).map(({ row }) => row));
  const own = Array.from({ length: rows }, (_, row): Origin => ({ row })).filter((_, row) => !gone.has(row));
  const added = list.flatMap((one, entry): Origin[] => (one.split === split && one.row === null ? [{ entry }] : []));
  return [...own, ...added];
}

/** With other values of one example. */
export function changed(list: readonly ByHand[], split: Split, origin: Origin, values: ByHand["values"]): ByHand[] {
  const at = "entry" in origin ? origin.entry : list.findIndex((one) => one.split === split && one.row === origin.row);
  const old = list[at];
  if (old) return list.map((one, i) => (i === at ? { ...old, values: { ...old.values, ...values } } : one));
  return "row" in origin ? [...list, { split, row: origin.row, gone: false, values }] : [...list];
}

/** Without one example. */
export function without(list: readonly ByHand[], split: Split, origin: Origin): ByHand[] {
  if ("entry" in origin) return list.filter((_, i) => i !== origin.entry);
  const others = list.filter((one) => one.split !== split || one.row !== origin.row);
  return [...others, { split, row: origin.row, gone: true, values: {} }];
}

/** With a new example, the last of its split. */
export const withNew = (list: readonly ByHand[], split: Split, values: ByHand["values"]): ByHand[] => [
  ...list,
  { split, row: null, gone: false, values },
];

/** As many as the document holds. */
export const MOST = 2000;

/** A confusion matrix: what was true (rows) against what the network said (columns). Pure. */
import { css, textOn, unpack } from "../../math/color";
import { count, percent } from "../../math/format";
import type { Tables } from "../../math/tables";

export interface Confusion {
  /** The rows. */
  classes: readonly string[];
  /** The columns: the classes, and answers that no class has. */
  said: readonly string[];
  /** Row by row. */
  counts: ArrayLike<number>;
  total: number;
}

export const countAt = (confusion: Confusion, truth: number, said: number): number =>
  confusion.counts[truth * confusion.said.length + said] ?? 0;

export function rowTotal(confusion: Confusion, truth: number): number {
  let sum = 0;
  for (let said = 0; said < confusion.said.length; said++) sum += countAt(confusion, truth, said);
  return sum;
}

/** Share of each class that is told right; NaN for a class without examples. */
export function classAccuracy(confusion: Confusion): number[] {
  return confusion.classes.map((_, i) => countAt(confusion, i, i) / rowTotal(confusion, i));
}

export function correct(confusion: Confusion): number {
  return confusion.classes.reduce((sum, _, i) => sum + countAt(confusion, i, i), 0);
}

/** `true 4, said 9: 12 times`. */
export function describe(confusion: Confusion, truth: number, said: number): string {
  const n = countAt(confusion, truth, said);
  return `true ${confusion.classes[truth] ?? truth}, said ${confusion.said[said] ?? said}: ${count(n)} ${n === 1 ? "time" : "times"}`;
}

/** The most frequent mistake. */
export function worst(confusion: Confusion): { truth: number; said: number; n: number } | null {
  let most: { truth: number; said: number; n: number } | null = null;
  for (let truth = 0; truth < confusion.classes.length; truth++) {
    for (let said = 0; said < confusion.said.length; said++) {
      const n = countAt(confusion, truth, said);
      if (truth !== said && n > (most?.n ?? 0)) most = { truth, said, n };
    }
  }
  return most;
}

export function summary(confusion: Confusion): string {
  const right = correct(confusion);
  const most = worst(confusion);
  const mistake = most ? `; most frequent mistake: ${describe(confusion, most.truth, most.said)}` : "";
  return `Confusion matrix of ${count(confusion.total)} test examples, ${percent(right / Math.max(1, confusion.total))} right${mistake}`;
}

/** Colour of a cell: its share of the row on a square-root scale, so that single mistakes stay visible. */
export function cellColor(
  confusion: Confusion,
  tables: Tables,
  truth: number,
  said: number,
): { background: string; text: string } {
  const share = countAt(confusion, truth, said) / Math.max(1, rowTotal(confusion, truth));
  const color = unpack(tables.magnitude[Math.round(255 * Math.sqrt(share))] ?? 0);
  return { background: css(color), text: textOn(color) };
}

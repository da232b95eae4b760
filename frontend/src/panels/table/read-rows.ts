/** Rows of a table with what is true and what the network says. Pure. */
import { type Extra, numberIn, numbersIn, textsIn } from "../../math/extra";
import { number, written } from "../../math/format";

export interface Row {
  index: number;
  cells: string[];
  /** The same as numbers, and what is true as one (a class by its number). */
  values: number[];
  is: number;
  truth: string;
  said: string;
  /** Classes only: is what the network says true? */
  right: boolean | null;
}

export interface Rows {
  rows: Row[];
  total: number;
  /** Rows before anything was done to them by hand. */
  own: number;
  classes: string[];
}

/** `values` holds the rows one after another. */
export function readRows(values: Float32Array | null, extra: Extra): Rows {
  const indices = numbersIn(extra, "indices");
  const classes = textsIn(extra, "classes");
  const [truth, said] = [numbersIn(extra, "truth"), numbersIn(extra, "said")];
  const width = values && indices.length ? values.length / indices.length : 0;
  const name = (value: number): string =>
    Number.isFinite(value) ? (classes.length ? (classes[value] ?? String(value)) : number(value)) : "–";
  const rows = indices.map((index, i) => {
    const [is, says] = [truth[i] ?? NaN, said[i] ?? NaN];
    const row = Array.from(values?.subarray(i * width, (i + 1) * width) ?? []);
    return {
      index,
      cells: row.map(written),
      values: row,
      is,
      truth: name(is),
      said: name(says),
      right: classes.length && Number.isFinite(says) ? is === says : null,
    };
  });
  const total = numberIn(extra, "total", indices.length);
  return { rows, total, own: numberIn(extra, "rows", total), classes };
}

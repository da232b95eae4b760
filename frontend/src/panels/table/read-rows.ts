/** Rows of a table with what is true and what the network says. Pure. */
import { type Extra, numberIn, numbersIn, textsIn } from "../../math/extra";
import { number, written } from "../../math/format";

export interface Row {
  index: number;
  cells: string[];
  truth: string;
  said: string;
  /** Classes only: is what the network says true? */
  right: boolean | null;
}

export interface Rows {
  rows: Row[];
  total: number;
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
    return {
      index,
      cells: Array.from(values?.subarray(i * width, (i + 1) * width) ?? [], written),
      truth: name(is),
      said: name(says),
      right: classes.length && Number.isFinite(says) ? is === says : null,
    };
  });
  return { rows, total: numberIn(extra, "total", indices.length) };
}

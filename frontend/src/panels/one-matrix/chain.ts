/** Dense layers with nothing between them, as the probe `product` tells them. Pure. */
import { type Extra, numberIn, numbersIn, textsIn } from "../../math/extra";
import { number } from "../../math/format";

export interface Matrix {
  rows: number;
  columns: number;
  /** The first so many of them. */
  shownRows: number;
  shownColumns: number;
  values: Float32Array;
}

export interface Chain {
  /** From the first layer to the last. */
  nodes: string[];
  factors: Matrix[];
  product: Matrix;
  bias: Float32Array;
  numbers: number;
  instead: number;
  /** What both say of the example; not a number where they can not be compared. */
  network: number;
  matrix: number;
  difference: number;
}

export function readChain(extra: Extra, floats: Float32Array): Chain | null {
  const [rows, columns] = [numbersIn(extra, "rows"), numbersIn(extra, "columns")];
  const [shownRows, shownColumns] = [numbersIn(extra, "shown_rows"), numbersIn(extra, "shown_columns")];
  let at = 0;
  const matrices = rows.map((_, i): Matrix => {
    const [high, wide] = [shownRows[i] ?? 0, shownColumns[i] ?? 0];
    const values = floats.slice(at, at + high * wide);
    at += high * wide;
    return { rows: rows[i] ?? 0, columns: columns[i] ?? 0, shownRows: high, shownColumns: wide, values };
  });
  const product = matrices.at(-1);
  if (!product || matrices.length < 3) return null;
  return {
    nodes: textsIn(extra, "nodes"),
    factors: matrices.slice(0, -1),
    product,
    bias: floats.slice(at),
    numbers: numberIn(extra, "numbers", 0),
    instead: numberIn(extra, "instead", 0),
    network: numberIn(extra, "network"),
    matrix: numberIn(extra, "matrix"),
    difference: numberIn(extra, "difference"),
  };
}

const BELOW = "₀₁₂₃₄₅₆₇₈₉";
const below = (n: number): string => [...String(n)].map((digit) => BELOW[Number(digit)] ?? digit).join("");

/** `0.120·x₁ − 0.400·x₂ + 0.050`; null where that would be no line to read. */
export function written({ product, bias }: Chain): string | null {
  if (product.rows !== 1 || product.columns > 3) return null;
  const terms = [...product.values].map((value, i) => [value, `·x${below(i + 1)}`] as const);
  return [...terms, [bias[0] ?? 0, ""] as const]
    .map(([value, name], i) => {
      const sign = value < 0 ? "−" : i > 0 ? "+" : "";
      return `${sign}${i > 0 ? " " : ""}${number(Math.abs(value))}${name}`;
    })
    .join(" ");
}

/** Side of a cell in pixels, so that a matrix is seen and several stand beside one another. */
export const cellOf = ({ shownRows, shownColumns }: Matrix, room: number): number =>
  Math.max(1.5, Math.min(16, room / Math.max(shownRows, shownColumns, 1)));

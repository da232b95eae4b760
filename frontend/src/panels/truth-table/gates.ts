/** Reading a truth table off a frame, and naming what each threshold unit makes of the bits. Pure. */
import { numberIn, textIn, textsIn, type Extra } from "../../math/extra";
import { blocks } from "../wiring";

export interface Gate {
  /** The layer of steps. */
  node: string;
  unit: number;
  /** Its column of the table. */
  column: number;
}

export interface Table {
  bits: number;
  gates: Gate[];
  classes: string[];
  /** Row by row: the bits, the gates, what is said, what is right. */
  rows: number[][];
}

export function readTable(extra: Extra, floats: Float32Array, shape: readonly number[]): Table {
  const [count = 0, width = 0] = shape;
  return {
    bits: numberIn(extra, "bits", 0),
    classes: textsIn(extra, "classes"),
    gates: blocks(extra).flatMap((layer) =>
      Array.from({ length: numberIn(layer, "count", 0) }, (_, unit) => ({
        node: textIn(layer, "node"),
        unit,
        column: numberIn(layer, "first", 0) + unit,
      })),
    ),
    rows: Array.from({ length: count }, (_, row) => [...floats.subarray(row * width, (row + 1) * width)]),
  };
}

/** a, b, c ... */
export const bitName = (bit: number): string => String.fromCharCode(97 + bit);
export const said = (row: readonly number[]): number => row.at(-2) ?? NaN;
export const truth = (row: readonly number[]): number => row.at(-1) ?? NaN;
export const isRight = (row: readonly number[]): boolean => said(row) === truth(row);
export const rightRows = (table: Table): number => table.rows.filter(isRight).length;

/** The sixteen functions of two bits by their answers for 00, 01, 10, 11. */
const OF_TWO: Readonly<Record<string, string>> = {
  "0000": "never",
  "0001": "a ∧ b",
  "0010": "a ∧ ¬b",
  "0011": "a",
  "0100": "¬a ∧ b",
  "0101": "b",
  "0110": "a ⊕ b",
  "0111": "a ∨ b",
  "1000": "¬(a ∨ b)",
  "1001": "a ↔ b",
  "1010": "¬b",
  "1011": "a ∨ ¬b",
  "1100": "¬a",
  "1101": "¬a ∨ b",
  "1110": "¬(a ∧ b)",
  "1111": "always",
};

/** What a column says as a formula of two bits; with more bits, or where it is no bit, its number in its layer. */
export function formula(table: Table, { column, unit }: Gate): string {
  const answers = table.rows.map((row) => row[column] ?? NaN).join("");
  return (table.bits === 2 ? OF_TWO[answers] : undefined) ?? `unit ${unit + 1}`;
}

/** For ears: `a ∧ ¬b` as `a and not b`. */
export const spoken = (text: string): string =>
  text
    .replaceAll("¬", "not ")
    .replaceAll("∧", "and")
    .replaceAll("∨", "or")
    .replaceAll("⊕", "exclusive or")
    .replaceAll("↔", "equals");

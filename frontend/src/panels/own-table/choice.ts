/** Which columns a person learns from and what is predicted: first guess, words, and what is asked of the server. Pure. */
import { bytes as inBytes, count, plural, written } from "../../math/format";
import type { ColumnFacts, TableFacts, TableLimits } from "../../protocol/types";

export type Use = "number" | "category";

export interface Choice {
  target: string;
  inputs: string[];
  /** By column; what is not named here is used as it was guessed. */
  types: Record<string, Use>;
  missing: "drop" | "fill";
}

export const TYPE_WORDS: Record<string, string> = {
  number: "number",
  category: "category",
  text: "text, ignored",
  constant: "always the same",
  empty: "empty",
};

export const usable = (column: ColumnFacts): boolean => column.kind === "number" || column.kind === "category";
/** Columns that somebody may choose, though they may not be wise. */
export const possible = (column: ColumnFacts): boolean => column.possible.length > 0 && column.distinct > 1;

/** As what a column is used: chosen, or guessed; few whole numbers that are to be predicted are classes. */
export function useOf(column: ColumnFacts, choice: Choice): Use {
  const chosen = choice.types[column.name];
  if (chosen) return chosen;
  const few = column.name === choice.target && column.few;
  return column.possible.includes("number") && !few ? "number" : "category";
}

/** The last column that can be predicted, from all that are of use. */
export function guess(table: TableFacts): Choice {
  const target = table.columns.findLast(usable)?.name ?? "";
  return { target, inputs: sensible(table, target), types: {}, missing: "drop" };
}

const sensible = (table: TableFacts, target: string): string[] =>
  table.columns.filter((c) => c.name !== target && usable(c) && !c.counter).map((c) => c.name);

/** Another target: what was predicted before becomes an input if it is of use, what is predicted now is none. */
export function retarget(table: TableFacts, choice: Choice, target: string): Choice {
  const wanted = new Set([...choice.inputs, ...sensible(table, target).filter((name) => name === choice.target)]);
  const inputs = table.columns.map((column) => column.name).filter((name) => wanted.has(name) && name !== target);
  return { ...choice, target, inputs };
}

/** The chosen columns that have gaps. */
export const gaps = (table: TableFacts, choice: Choice): ColumnFacts[] =>
  table.columns.filter((c) => c.missing > 0 && (c.name === choice.target || choice.inputs.includes(c.name)));

/** `11 missing, in rows 18, 35, 52 …` */
export function missingWords(column: ColumnFacts, most = 5): string {
  if (column.missing === 0) return "";
  const named = column.missing_rows.slice(0, most).join(", ");
  const rows = column.missing === 1 ? "row" : "rows";
  return `${count(column.missing)} missing, ${rows} ${named}${column.missing > most ? " …" : ""}`;
}

/** What is in a column, in few words. */
export function contents(column: ColumnFacts, use: Use): string {
  if (column.kind === "empty") return "no value at all";
  if (column.kind === "text") return `${count(column.distinct)} different texts`;
  if (use === "number" && column.lowest !== null && column.highest !== null) {
    const range = `${written(column.lowest)} to ${written(column.highest)}`;
    return column.counter ? `${range}, counts the rows` : range;
  }
  const names = column.classes.slice(0, 3).map(({ name }) => name);
  return `${names.join(", ")}${column.distinct > 3 ? ` … ${count(column.distinct)} classes` : ""}`;
}

/** Why there is nothing to learn from, and the way out. */
function unlearnable({ columns }: TableFacts, { target }: Choice): string {
  if (columns.length === 1)
    return "There is one column only, and nothing to tell it from: put a comma, semicolon, tab or bar between the cells of a row.";
  if (columns.some((column) => column.name !== target && possible(column)))
    return "There is nothing to learn from: tick a column.";
  return "There is nothing to learn from: every other column is empty, always the same, or free text.";
}

/** What the network will do, as a sentence; or why it cannot. */
export function task(table: TableFacts, choice: Choice): string {
  const target = table.columns.find((column) => column.name === choice.target);
  if (!target) return "";
  if (choice.inputs.length === 0) return unlearnable(table, choice);
  const from = plural(choice.inputs.length, "column");
  return useOf(target, choice) === "category"
    ? `Tells which of ${count(target.distinct)} classes a row belongs to, from ${from}. Shown as a confusion matrix.`
    : `Predicts a number from ${from}. Shown as predicted against true.`;
}

/** The body of `POST /api/tables/{id}/experiment`. */
export function question(table: TableFacts, choice: Choice): Choice {
  const named = new Set([choice.target, ...choice.inputs]);
  const columns = table.columns.filter((column) => named.has(column.name));
  return { ...choice, types: Object.fromEntries(columns.map((column) => [column.name, useOf(column, choice)])) };
}

/** Why a file need not be sent at all; empty if it may be. */
export function tooLarge(bytes: number, limits: TableLimits | undefined): string {
  if (bytes === 0) return "The file is empty: a table needs a heading and at least one row.";
  if (!limits || bytes <= limits.bytes) return "";
  return `The file has ${inBytes(bytes)}, at most ${Math.floor(limits.bytes / 2 ** 20)} MB can be taken: leave out rows or columns.`;
}

import { expect, it } from "vitest";

import type { ColumnFacts, TableFacts } from "../../protocol/types";
import { contents, gaps, guess, missingWords, question, retarget, task, tooLarge, useOf } from "./choice";

const column = (name: string, kind: string, more: Partial<ColumnFacts> = {}): ColumnFacts => ({
  name,
  kind,
  possible: kind === "number" || kind === "category" ? [kind] : [],
  missing: 0,
  missing_rows: [],
  distinct: 40,
  classes: [],
  counter: false,
  few: false,
  lowest: null,
  highest: null,
  mean: null,
  ...more,
});
const table: TableFacts = {
  id: "0".repeat(64),
  name: "flats.csv",
  bytes: 900,
  rows: 40,
  created_at: "2026-01-01T00:00:00Z",
  delimiter: ",",
  heading: true,
  columns: [
    column("id", "number", { counter: true, lowest: 1, highest: 40 }),
    column("size", "number", { lowest: 45, highest: 134, missing: 7, missing_rows: [4, 9, 11, 12, 30, 31, 32] }),
    column("rooms", "number", { few: true, distinct: 5, possible: ["number", "category"] }),
    column("heating", "category", {
      distinct: 4,
      classes: ["gas", "oil", "sun", "wood"].map((name) => ({ name, rows: 10 })),
    }),
    column("note", "text"),
    column("same", "constant", { distinct: 1, possible: ["category"] }),
  ],
  sample: [],
};

it("guesses what to learn from and what to predict", () => {
  expect(guess(table)).toEqual({ target: "heating", inputs: ["size", "rooms"], types: {}, missing: "drop" });
});

it("takes few whole numbers for classes only where they are predicted", () => {
  const choice = retarget(table, guess(table), "rooms");
  expect(choice.inputs).toEqual(["size", "heating"]);
  expect(table.columns.map((one) => useOf(one, choice)).slice(1, 4)).toEqual(["number", "category", "category"]);
  expect(useOf(table.columns[2] as ColumnFacts, guess(table))).toBe("number");
  expect(question(table, { ...choice, types: { rooms: "number" } }).types).toEqual({
    size: "number",
    rooms: "number",
    heating: "category",
  });
});

it("says what is there, what is missing and what will be done", () => {
  const [id, size, , heating, note] = table.columns as [
    ColumnFacts,
    ColumnFacts,
    ColumnFacts,
    ColumnFacts,
    ColumnFacts,
  ];
  expect(missingWords(size)).toBe("7 missing, rows 4, 9, 11, 12, 30 …");
  expect(missingWords(id)).toBe("");
  expect(contents(id, "number")).toBe("1 to 40, counts the rows");
  expect(contents(heating, "category")).toBe("gas, oil, sun … 4 classes");
  expect(contents(note, "category")).toBe("40 different texts");
  expect(gaps(table, guess(table)).map((one) => one.name)).toEqual(["size"]);
  expect(task(table, guess(table))).toContain("which of 4 classes a row belongs to, from 2 columns");
  expect(task(table, retarget(table, guess(table), "size"))).toContain("Predicts a number");
});

it("says why there is nothing to learn from", () => {
  const [size, note] = [table.columns[1], table.columns[4]] as [ColumnFacts, ColumnFacts];
  const said = (columns: ColumnFacts[]): string =>
    task({ ...table, columns }, { target: "size", inputs: [], types: {}, missing: "drop" });
  expect(said([size])).toContain("There is one column only");
  expect(said([size, note])).toContain("every other column is empty, always the same, or free text");
  expect(said(table.columns)).toContain("tick a column");
});

it("does not send what is too large", () => {
  const limits = { bytes: 32 * 2 ** 20, columns: 200, rows: 2e5, tables: 200, all_bytes: 1e9 };
  expect(tooLarge(2e9, limits)).toBe("The file has 2 GB, at most 32 MB can be taken: leave out rows or columns.");
  expect([tooLarge(1000, limits), tooLarge(1000, undefined)]).toEqual(["", ""]);
  expect(tooLarge(0, limits)).toContain("empty");
});

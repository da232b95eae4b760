import { expect, it } from "vitest";

import { formula, readTable, rightRows, spoken } from "./gates";

/** a, b, two gates, said, right. */
const ROWS = [
  [0, 0, 0, 0, 0, 0],
  [0, 1, 0, 1, 1, 1],
  [1, 0, 0, 1, 1, 1],
  [1, 1, 1, 1, 1, 0],
];
const extra = { bits: 2, layers: [{ node: "gates", first: 2, count: 2 }], classes: ["0", "1"] };

it("reads a table, names its gates by what they answer, and counts the rows that are right", () => {
  const table = readTable(extra, new Float32Array(ROWS.flat()), [4, 6]);
  expect(table.rows).toEqual(ROWS);
  expect(table.gates).toEqual([
    { node: "gates", unit: 0, column: 2 },
    { node: "gates", unit: 1, column: 3 },
  ]);
  expect(table.gates.map((gate) => formula(table, gate))).toEqual(["a ∧ b", "a ∨ b"]);
  expect(rightRows(table)).toBe(3);
  const longer = { ...table, bits: 3 };
  expect(longer.gates.map((gate) => formula(longer, gate))).toEqual(["unit 1", "unit 2"]);
  expect(spoken("¬(a ∧ b)")).toBe("not (a and b)");
});

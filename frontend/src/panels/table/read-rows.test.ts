import { expect, test } from "vitest";

import { readRows } from "./read-rows";

test("rows are read as text and as the numbers behind it, with how many there were before any edit", () => {
  const extra = { indices: [4, 5], total: 9, rows: 10, classes: ["a", "b"], truth: [1, 0], said: [1, 1] };
  const read = readRows(Float32Array.from([0.5, 2, 3, 4]), extra);
  expect(read.rows).toEqual([
    { index: 4, cells: ["0.5", "2"], values: [0.5, 2], is: 1, truth: "b", said: "b", right: true },
    { index: 5, cells: ["3", "4"], values: [3, 4], is: 0, truth: "a", said: "b", right: false },
  ]);
  expect([read.total, read.own, read.classes]).toEqual([9, 10, ["a", "b"]]);
});

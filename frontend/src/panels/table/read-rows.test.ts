import { expect, it } from "vitest";

import { readRows } from "./read-rows";

it("reads rows of classes and of numbers", () => {
  const values = new Float32Array([1, 2.5, 3, 4]);
  const classes = { indices: [8, 9], total: 20, classes: ["no", "yes"], truth: [1, 0], said: [1, null] };
  expect(readRows(values, classes)).toEqual({
    total: 20,
    rows: [
      { index: 8, cells: ["1", "2.5"], truth: "yes", said: "yes", right: true },
      { index: 9, cells: ["3", "4"], truth: "no", said: "–", right: null },
    ],
  });
  const [row] = readRows(values, { indices: [0], truth: [210], said: [198.4] }).rows;
  expect(row).toMatchObject({ truth: "210", said: "198", right: null });
  expect(readRows(null, {})).toEqual({ rows: [], total: 0 });
});

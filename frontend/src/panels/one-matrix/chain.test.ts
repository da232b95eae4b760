import { expect, test } from "vitest";

import { cellOf, readChain, written } from "./chain";

const extra = {
  nodes: ["a", "b"],
  rows: [2, 1, 1],
  columns: [2, 2, 2],
  shown_rows: [2, 1, 1],
  shown_columns: [2, 2, 2],
  numbers: 9,
  instead: 3,
  network: 0.5,
  matrix: 0.5,
  difference: 0,
};

test("matrices are read one after the other, the product and its bias last", () => {
  const chain = readChain(extra, Float32Array.from([1, 2, 3, 4, 5, 6, 23, -34, 0.5]));
  expect(chain?.factors.map(({ values }) => [...values])).toEqual([
    [1, 2, 3, 4],
    [5, 6],
  ]);
  expect([...(chain?.product.values ?? []), ...(chain?.bias ?? [])]).toEqual([23, -34, 0.5]);
  expect(chain && written(chain)).toBe("23.0·x₁ − 34.0·x₂ + 0.500");
  expect(readChain({}, new Float32Array())).toBeNull();
});

test("what is too wide is not written out, and a large matrix has small cells", () => {
  const chain = readChain({ ...extra, columns: [9, 2, 9] }, Float32Array.from([1, 2, 3, 4, 5, 6, 23, -34, 0.5]));
  expect(chain && written(chain)).toBeNull();
  const matrix = { rows: 1, columns: 1, shownRows: 1, shownColumns: 1, values: new Float32Array(1) };
  expect([cellOf(matrix, 100), cellOf({ ...matrix, shownColumns: 48 }, 96)]).toEqual([16, 2]);
});

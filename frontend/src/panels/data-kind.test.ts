import { expect, it } from "vitest";

import type { FieldReport } from "../protocol/types";
import { columnsOf, dataLook } from "./data-kind";

const field = (sizes: number[], role: string, more: Partial<FieldReport> = {}): FieldReport => ({
  shape: {
    axes: sizes.map((size) => ({ name: "D", size })),
    dtype: "float",
    text: sizes.join("×"),
  },
  storage: "float32",
  role,
  classes: [],
  columns: [],
  ...more,
});

it("tells pictures, planes and tables apart", () => {
  const label = field([], "target", { classes: ["a", "b"] });
  expect(dataLook({ image: field([1, 28, 28], "input"), label }).kind).toBe("images");
  expect(dataLook({ point: field([2], "input"), label })).toEqual({
    kind: "plane",
    noun: "point",
    classes: true,
    numbers: false,
  });
  expect(dataLook({ features: field([3], "input", { columns: ["a", "b", "c"] }), value: field([], "target") })).toEqual(
    {
      kind: "table",
      noun: "row",
      classes: false,
      numbers: true,
    },
  );
  expect(dataLook({ features: field([2], "input", { columns: ["a", "b"] }), label }).kind).toBe("table");
  expect(dataLook({ x: field([1], "input"), value: field([], "target") })).toEqual({
    kind: "line",
    noun: "point",
    classes: false,
    numbers: true,
  });
  expect(dataLook({ pixels: field([16], "input") }).kind).toBe("other");
  expect(dataLook(undefined)).toEqual({ kind: "other", noun: "example", classes: false, numbers: false });
});

it("names the numbers of a row: columns, or the places of a sequence", () => {
  expect(columnsOf({ features: field([2], "input", { columns: ["a", "b"] }) })).toEqual(["a", "b"]);
  expect(columnsOf({ days: field([3, 1], "input"), next: field([], "target") })).toEqual([
    "days 1",
    "days 2",
    "days 3",
  ]);
  expect(columnsOf({ x: field([2, 2], "input") })).toEqual(["x 1, 1", "x 1, 2", "x 2, 1", "x 2, 2"]);
  expect(columnsOf({ image: field([1, 8, 8], "input") })).toEqual([]);
  expect(columnsOf({ x: field([2], "input") })).toEqual([]);
});

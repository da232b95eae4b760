import { expect, it } from "vitest";

import { planPicture } from "./plan";

const plan = (
  sizes: (number | string)[],
  more: { isInput?: boolean; isOutput?: boolean; plane?: boolean } = {},
): unknown => planPicture({ sizes, isInput: false, isOutput: false, name: "Conv 1", ...more });

it("chooses the picture by shape and role", () => {
  expect(plan([1, 28, 28], { isInput: true })).toEqual({ kind: "example" });
  expect(plan([8, 28, 28])).toEqual({ kind: "maps", columns: 4, what: "8 feature maps 28×28 of Conv 1" });
  expect(plan([256, 7, 7])).toEqual({ kind: "maps", columns: 8, what: "64 of 256 feature maps 7×7 of Conv 1" });
  expect(plan([10], { isOutput: true })).toEqual({ kind: "predictions" });
  expect(plan([10])).toEqual({ kind: "bars" });
  expect(plan([8], { plane: true })).toEqual({ kind: "plane", columns: 1, what: "8 units of Conv 1 over the plane" });
  expect(plan([784])).toEqual({ kind: "strip", what: "784 outputs of Conv 1" });
  expect(plan(["T", 32])).toMatchObject({ kind: "matrix" });
  expect(plan([])).toEqual({ kind: "none" });
});

import { expect, test } from "vitest";

import { curvesAsCsv } from "./csv";

test("curves of different steps share one table", () => {
  const curves = new Map([
    ["train.loss", { steps: [1, 2, 3], values: [0.1, 2e-7, 3] }],
    ["test.loss", { steps: [0, 2], values: [4, 5] }],
  ]);
  expect(curvesAsCsv(curves)).toBe("step,train.loss,test.loss\n0,,4\n1,0.1,\n2,2e-7,5\n3,3,\n");
  expect(curvesAsCsv(new Map())).toBe("step\n");
});

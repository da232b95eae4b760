import { expect, it } from "vitest";

import { placeLabels } from "./marks";

const room = { right: 400, rows: 2, gap: 5 };

it("labels stand beside their marks, on one row while none is in the way", () => {
  expect(placeLabels([10, 200], [100, 100], room)).toEqual([
    { left: 15, row: 0 },
    { left: 205, row: 0 },
  ]);
});

it("the older of two that would cover one another steps down, a third finds no room", () => {
  expect(placeLabels([10, 40, 60], [100, 100, 100], room)).toEqual([null, { left: 45, row: 1 }, { left: 65, row: 0 }]);
});

it("a label at the end stands before its mark, and a long one makes others step down far away", () => {
  expect(placeLabels([150, 390], [50, 300], room)).toEqual([
    { left: 155, row: 1 },
    { left: 85, row: 0 },
  ]);
});

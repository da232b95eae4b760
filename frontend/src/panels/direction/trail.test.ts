import { expect, it } from "vitest";

import { extended, readArrow, seen, within } from "./trail";

const extra = { principal: [1, 0], squares: [4, 0.25], length: 2, angle: 60 };
const arrow = readArrow(extra, new Float32Array([1, Math.sqrt(3)]));

it("says how much of the variance a direction sees", () => {
  expect(seen(arrow)).toBeCloseTo((4 * 0.25 + 0.25 * 0.75) / 4);
  expect(seen({ ...arrow, angle: 0 })).toBe(1);
});

it("keeps the way of the tip until the run goes back", () => {
  const one = extended({ step: 0, tips: [] }, 5, arrow);
  const two = extended(one, 9, { ...arrow, x: 0, y: 1 });
  expect(two.tips.length).toBe(2);
  expect(extended(two, 3, arrow).tips.length).toBe(1);
  expect(within(30, 40, 5)).toEqual([3, 4]);
});

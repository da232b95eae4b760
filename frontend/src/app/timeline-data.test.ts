import { expect, test } from "vitest";

import { columns, lossTop, thin, valueBefore } from "./timeline-data";

test("curves with different steps share one axis", () => {
  const curves = new Map([
    ["train.loss", { steps: [1, 2, 3], values: [3, 2, 1] }],
    ["test.loss", { steps: [0, 3], values: [4, 1.5] }],
    ["test.accuracy", { steps: [3], values: [0.5] }],
  ]);
  const joined = columns(curves);
  expect(joined).toEqual([
    [0, 1, 2, 3],
    [null, 3, 2, 1],
    [4, null, null, 1.5],
    [null, null, null, 50],
    [null, null, null, null],
    [null, null, null, null],
  ]);
  expect(valueBefore(joined[2], 2)).toBe(4);
  expect(lossTop(joined)).toBeCloseTo(4.32);
});

test("thinning keeps the peaks", () => {
  const steps = Array.from({ length: 10_000 }, (_, i) => i);
  const values = steps.map((step) => (step === 4321 ? 99 : Math.sin(step)));
  const kept = thin({ steps, values }, 400);
  expect(kept.steps.length).toBeLessThanOrEqual(402);
  expect(Math.max(...kept.values)).toBe(99);
  expect(kept.steps).toEqual([...kept.steps].sort((a, b) => a - b));
});

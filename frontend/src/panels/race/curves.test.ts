import { expect, it } from "vitest";

import { lanesOf } from "../lanes";
import { laneCurves, raceBox } from "./curves";

const lanes = lanesOf({ recipe: { kind: "race", config: { lanes: { a: "x", b: "y" } } } });

it("takes test curves where there are any, and leaves out what is no number", () => {
  const curves = new Map([
    ["test.a_loss", { steps: [0, 10], values: [1, 0] }],
    ["train.b_loss", { steps: [1, 2, 3], values: [5, NaN, 0.5] }],
  ]);
  expect(laneCurves(lanes, curves).map(({ points }) => points)).toEqual([
    [
      { step: 0, loss: 1 },
      { step: 10, loss: 1e-8 },
    ],
    [
      { step: 1, loss: 5 },
      { step: 3, loss: 0.5 },
    ],
  ]);
});

it("thins long curves and keeps their end", () => {
  const steps = Array.from({ length: 5000 }, (_, i) => i);
  const [first] = laneCurves(lanes, new Map([["train.a_loss", { steps, values: steps.map(() => 1) }]]));
  expect(first?.points.length).toBeLessThan(420);
  expect(first?.points.at(-1)?.step).toBe(4999);
});

it("stands losses on powers of ten", () => {
  const curves = laneCurves(lanes, new Map([["train.a_loss", { steps: [0, 100], values: [20, 0.05] }]]));
  const box = raceBox(300, 200, curves);
  expect(box.powers).toEqual([-2, -1, 0, 1, 2]);
  expect(box.y(100)).toBe(box.top);
  expect(box.y(0.01)).toBeCloseTo(box.bottom, 6);
  expect(box.x(100)).toBe(box.right);
  expect(raceBox(300, 200, []).powers.length).toBeGreaterThan(1);
});

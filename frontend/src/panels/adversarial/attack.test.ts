import { expect, it } from "vitest";

import type { Frame } from "../../stores/frames";
import { accuracyAt, attackOf, box, fooledWords, readAttacked, readCurve } from "./attack";

const frame = (shape: number[], values: number[], extra: Record<string, unknown>) =>
  ({ header: { shape, extra }, floats: new Float32Array(values) }) as unknown as Frame;

it("reads accuracy against ε, and between the places", () => {
  const curve = readCurve(frame([2, 3], [0, 1, 0.5, 0.5, 0.5, 2], { most: 0.5, examples: 9, unit: "of it" }));
  expect(curve.points).toEqual([
    { epsilon: 0, accuracy: 1, loss: 0.5 },
    { epsilon: 0.5, accuracy: 0.5, loss: 2 },
  ]);
  expect([curve.most, curve.examples, curve.unit]).toEqual([0.5, 9, "of it"]);
  expect([0, 0.25, 0.5, 9].map((epsilon) => accuracyAt(curve.points, epsilon))).toEqual([1, 0.75, 0.5, 0.5]);
  expect(accuracyAt([], 1)).toBeNaN();
  expect(box(300, 200, 0.5).x(0.5)).toBe(290);
});

it("says what was read before and after, and counts those that are fooled", () => {
  const said = readAttacked(
    frame([3, 1], [], {
      classes: ["no", "yes"],
      indices: [4, 5, 6],
      labels: [0, 1, 1],
      said: [
        [0, 1, 0],
        [1, 1, 0],
      ],
      sure: [
        [0.9, 0.8, 0.6],
        [0.7, 0.6, 0.9],
      ],
    }),
  );
  expect(said.map(({ fooled }) => fooled)).toEqual([true, false, false]);
  expect(said[0]?.words).toBe("no, 90% sure → yes, 70% sure");
  expect(fooledWords(said)).toBe("1 of 2 are read wrongly now.");
  expect(fooledWords(said.slice(1, 2))).toBe("All 1 are still read rightly.");
  expect(fooledWords([])).toContain("None");
});

it("asks of an attack only what it reads", () => {
  expect(attackOf("fast", 10, 3)).toEqual({});
  expect(attackOf("iterative", 10, 3)).toEqual({ method: "iterative", steps: 10 });
  expect(attackOf("targeted", 10, 3)).toEqual({ method: "targeted", steps: 10, goal: 3 });
});

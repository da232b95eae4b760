import { expect, it } from "vitest";

import { classAccuracy, correct, describe, summary, worst } from "./matrix";

const confusion = { classes: ["cat", "dog", "owl"], counts: [8, 2, 0, 1, 9, 0, 0, 0, 0], total: 20 };

it("reads cells, accuracies and the worst mistake", () => {
  expect(describe(confusion, 0, 1)).toBe("true cat, said dog: 2 times");
  expect(describe(confusion, 1, 0)).toBe("true dog, said cat: 1 time");
  expect([correct(confusion), classAccuracy(confusion)]).toEqual([17, [0.8, 0.9, NaN]]);
  expect(worst(confusion)).toEqual({ truth: 0, said: 1, n: 2 });
  expect(summary(confusion)).toBe(
    "Confusion matrix of 20 test examples, 85.0% right; most frequent mistake: true cat, said dog: 2 times",
  );
  expect(worst({ ...confusion, counts: [1, 0, 0, 0, 1, 0, 0, 0, 1] })).toBeNull();
});

import { expect, it } from "vitest";

import { classAccuracy, correct, describe, summary, worst } from "./matrix";

const ANIMALS = ["cat", "dog", "owl"];
const confusion = { classes: ANIMALS, said: ANIMALS, counts: [8, 2, 0, 1, 9, 0, 0, 0, 0], total: 20 };

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

it("keeps answers that no class has in columns of their own", () => {
  const odd = { classes: ["cat", "dog"], said: ["cat", "dog", "10"], counts: [5, 1, 4, 0, 9, 1], total: 20 };
  expect([correct(odd), classAccuracy(odd)]).toEqual([14, [0.5, 0.9]]);
  expect(describe(odd, 0, 2)).toBe("true cat, said 10: 4 times");
  expect(worst(odd)).toEqual({ truth: 0, said: 2, n: 4 });
});

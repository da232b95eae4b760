import { expect, test } from "vitest";

import type { Experiment } from "../../protocol/types";
import { networksOf, planOf } from "./plan";

const proposing = (sweep: unknown): Experiment => ({ view: { panels: { sweep } } }) as unknown as Experiment;

test("an experiment proposes a sweep, or nothing that can be read", () => {
  const vary = [{ path: "data.split.train", values: [10, 20, {}] }];
  const plan = planOf(proposing({ vary, seeds: 3, steps: 0, curve: "test.error", baselines: true }));
  expect(plan).toEqual({
    vary: [{ path: "data.split.train", values: [10, 20] }],
    seeds: 3,
    steps: 1000,
    curve: "test.error",
    baselines: true,
  });
  expect(plan && networksOf(plan)).toBe(6);
  for (const wrong of [undefined, {}, { vary: 3 }, { vary: [] }, { vary: [{ path: 1, values: [1] }] }])
    expect(planOf(proposing(wrong))).toBeNull();
});

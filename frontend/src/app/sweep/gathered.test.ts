import { expect, test } from "vitest";

import { after, bandOf, best, median, type Network, planned, solvedOf, variantsOf } from "./gathered";

const two = planned([
  { values: [0.1], seed: 1, sections: {} },
  { values: [0.1], seed: 2, sections: {} },
  { values: [0.3], seed: 1, sections: {} },
]);
const told = (index: number, step: number, loss: number, state: Network["state"] = "training") => ({
  index,
  state,
  step,
  series: { "test.loss": { steps: [step], values: [loss] } },
  surface: null,
  message: null,
});

test("news are added to what is known, and seeds make one band", () => {
  let all = after(two, [told(0, 10, 3), told(1, 10, 1), told(2, 10, 5)]);
  all = after(all, [told(0, 20, 2), told(1, 20, 1), told(2, 12, 9, "diverged")]);
  const [first, second] = variantsOf(all);
  expect(first?.label).toBe("0.1");
  expect(bandOf(first?.networks ?? [], "test.loss")).toEqual({
    steps: [10, 20],
    low: [1, 1],
    middle: [2, 1.5],
    high: [3, 2],
  });
  expect(second?.networks[0]?.state).toBe("diverged");
  expect(best(variantsOf(all), "test.loss")?.label).toBe("0.1");
});

test("a median of an even number lies between the two in the middle", () => {
  expect(median([1, 2, 4, 9])).toBe(3);
  expect(median([])).toBeNaN();
});

test("counts the starts that succeeded among those that have ended", () => {
  const ends = [1, 0.75, null];
  const networks = planned(ends.map((_, seed) => ({ values: [], seed }))).map((network, i): Network => {
    const value = ends[i] ?? null;
    if (value === null) return network;
    return { ...network, state: "finished", series: { "test.accuracy": { steps: [1], values: [value] } } };
  });
  expect(solvedOf({ networks }, "test.accuracy")).toEqual({ solved: 1, of: 2 });
});

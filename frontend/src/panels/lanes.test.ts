import { expect, it } from "vitest";

import { lanesOf, standings } from "./lanes";

const race = { recipe: { kind: "race", config: { lanes: { sgd: "a", adam_w: "b", slow: "c" } } } };

it("names the lanes of a race, and of nothing else", () => {
  expect(lanesOf(race).map(({ id, label }) => [id, label])).toEqual([
    ["sgd", "sgd"],
    ["adam_w", "adam w"],
    ["slow", "slow"],
  ]);
  expect(lanesOf({ recipe: { kind: "supervised", config: {} } })).toEqual([]);
  expect(lanesOf(undefined)).toEqual([]);
});

it("puts the smallest loss first, and says who is out", () => {
  const read = { "test.sgd_loss": 1e6, "train.adam_w_loss": 0.2, "test.adam_w_accuracy": 0.9 };
  const found = standings(lanesOf(race), read);
  expect(found.map(({ lane, loss, out }) => [lane.id, loss, out])).toEqual([
    ["adam_w", 0.2, false],
    ["sgd", 1e6, true],
    ["slow", NaN, false],
  ]);
  expect(found[0]?.accuracy).toBe(0.9);
});

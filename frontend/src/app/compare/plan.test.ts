import { expect, test } from "vitest";

import type { Experiment } from "../../protocol/types";
import type { Known, Setting } from "../sweep/settings";
import { paces, behind } from "./pace";
import { changed, planned, problemOf } from "./plan";

const experiment = {
  name: "Spiral",
  seed: 7,
  training: { optimizers: { model: { kind: "sgd", config: { lr: 0.1, momentum: 0.9, nesterov: true } } } },
} as unknown as Experiment;
const schema = (...keys: string[]): Record<string, unknown> => ({
  properties: Object.fromEntries(keys.map((key) => [key, { type: "number" }])),
});
const known = {
  find: (_: string, kind: string) => ({
    kind,
    group: kind === "adam" ? "Adaptive" : "Plain",
    schema: kind === "adam" ? schema("lr", "momentum") : schema("lr", "momentum", "nesterov"),
  }),
  kinds: () => [],
} as unknown as Known;
const rate = { path: "training.optimizers.model.config.lr", label: "Learning rate" } as Setting;

test("every value is an experiment of its own on the same seed, and examples take that seed", () => {
  const other = { name: "Circle", seed: 1 } as unknown as Experiment;
  const plan = planned(experiment, rate, [0.1, 0.2], [other], known);
  expect(plan.map(({ label }) => label)).toEqual(["0.1", "0.2", "Circle"]);
  expect(plan.map((one) => one.experiment.seed)).toEqual([7, 7, 7]);
  expect(plan[1]?.experiment.name).toBe("Spiral · Learning rate 0.2");
  expect(plan[1]?.experiment.training.optimizers["model"]?.config["lr"]).toBe(0.2);
  expect(planned(experiment, undefined, [], [other], known)[0]?.experiment).toBe(experiment);
});

test("another kind keeps what both kinds have, but not the rate of an optimizer of another group", () => {
  const path = "training.optimizers.model.kind";
  expect(changed(experiment, path, "adam", known).training.optimizers["model"]).toEqual({
    kind: "adam",
    config: { momentum: 0.9 },
  });
  expect(changed(experiment, path, "sgd", known)).toEqual(experiment);
});

test("one variant is no comparison, seven do not fit", () => {
  expect(problemOf(1)).toContain("at least");
  expect([2, 6].map(problemOf)).toEqual([null, null]);
  expect(problemOf(7)).toContain("At most 6");
});

test("whoever is furthest behind trains freely; those ahead slow down with their lead, and come together", () => {
  const runners = [
    { step: 0, pace: 100, running: true },
    { step: 0, pace: 900, running: true },
    { step: 50, pace: 0, running: false },
  ];
  // Two seconds in pieces of a half: every runner does what it may.
  for (let half = 0; half < 12; half++) {
    const allowed = paces(runners);
    for (const [i, one] of runners.entries()) {
      const own = [100, 900, 0][i] ?? 0;
      one.pace = one.running ? Math.min(own, allowed[i] ?? Infinity) : 0;
      one.step += one.pace / 2;
    }
  }
  expect(paces(runners)[2]).toBeNull();
  expect(Math.abs((runners[0]?.step ?? 0) - (runners[1]?.step ?? 0))).toBeLessThan(60);
  const begun = [
    { step: 0, pace: 0, running: true },
    { step: 500, pace: 900, running: true },
  ];
  expect(paces(begun)).toEqual([null, 1]);
  expect(behind([{ step: 3 }, { step: 10 }] as typeof runners)).toEqual([7, 0]);
});

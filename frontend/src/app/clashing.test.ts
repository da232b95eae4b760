import { expect, test } from "vitest";

import type { Experiment } from "../protocol/types";
import type { Clash } from "../stores/changes";
import { fits, joined, withMine } from "./clashing";

const experiment = {
  name: "Theirs",
  data: { batch_size: 32 },
  network: { nodes: [{ id: "a", config: {} }], edges: [], parts: {} },
} as unknown as Experiment;
const clash = (path: string, mine: unknown, theirs: unknown): Clash => ({ path, mine, theirs, before: null });

test("a run of one's own holds everything that is mine and the rest as it is", () => {
  const network = { nodes: [], edges: [], parts: {} };
  const over = (one: Experiment): Experiment => ({ ...one, network });
  const own = withMine(experiment, [clash("data.batch_size", 64, 32), { ...clash("network", network, null), over }]);
  expect(own).toEqual({ name: "Theirs", data: { batch_size: 64 }, network });
  expect(experiment.data.batch_size).toBe(32);
});

test("texts are kept one after the other; with a number among them they are not", () => {
  const name = clash("name", "Mine", "Theirs");
  expect(joined([name, clash("description", "so", "")])).toEqual([
    { path: "name", text: "Theirs / Mine" },
    { path: "description", text: "so" },
  ]);
  expect([joined([name, clash("data.batch_size", 1, 2)]), joined([])]).toEqual([null, null]);
  expect(joined([clash("name", "x".repeat(200), "y")])?.[0]?.text.length).toBe(200);
});

test("a setting of a layer that is gone fits nowhere", () => {
  const at = (path: string): boolean => fits(clash(path, 1, 2), experiment);
  expect([at("network.nodes.a.config.p"), at("network.nodes.b.config.p"), at("data.batch_size")]).toEqual([
    true,
    false,
    true,
  ]);
});

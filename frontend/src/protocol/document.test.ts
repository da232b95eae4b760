import { expect, test } from "vitest";

import { valueAt, withValue } from "./document";
import type { Experiment } from "./types";

const experiment = {
  data: { batch_size: 64 },
  network: {
    nodes: [
      { id: "drop1", config: { p: 0.5 } },
      { id: "dense", config: {} },
    ],
  },
} as unknown as Experiment;

test("a value is found and changed by its path, nodes by their id", () => {
  const path = "network.nodes.drop1.config.p";
  expect(valueAt(experiment, path)).toBe(0.5);
  const changed = withValue(experiment, path, 0.1);
  expect([valueAt(changed, path), valueAt(experiment, path)]).toEqual([0.1, 0.5]);
  expect(changed.data).toBe(experiment.data);
  expect(changed.network.nodes[1]).toBe(experiment.network.nodes[1]);
  expect(valueAt(experiment, "network.nodes.nobody.config")).toBeUndefined();
});

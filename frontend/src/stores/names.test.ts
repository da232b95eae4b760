import { afterEach, expect, it } from "vitest";

import type { CatalogueEntry } from "../protocol/report";
import type { Network } from "../protocol/types";
import { catalogue } from "./catalogue.svelte";
import { layerName } from "./names";

const node = (id: string, kind: string, label: string | null = null): object => ({
  id,
  kind,
  label,
  config: {},
  tied: {},
});
const network = (nodes: object[], ...pairs: [string, string][]): Network =>
  ({
    nodes,
    edges: pairs.map(([source, target]) => ({ source, target, source_port: "out", target_port: "in" })),
    parts: {},
  }) as unknown as Network;

afterEach(() => (catalogue.entries = {}));

it("takes the name that was given, and the kind where none was", () => {
  const one = network([node("c", "conv2d", "Conv 1"), node("r", "relu"), node("p", "max_pool2d")], ["c", "r"]);
  expect(["c", "p", "gone"].map((id) => layerName(one, id))).toEqual(["Conv 1", "max pool2d", "gone"]);
  catalogue.entries = { layers: [{ kind: "relu", label: "ReLU" } as CatalogueEntry] };
  expect([layerName(one, "r"), layerName(undefined, "r")]).toEqual(["ReLU", "r"]);
});

it("numbers layers of one kind that go without a name, in each lane from one", () => {
  const race = network(
    [...["a1", "a2", "b1", "b2", "c1"].map((id) => node(id, "relu")), node("named", "relu", "The last")],
    ["a1", "a2"],
    ["b2", "named"],
    ["b1", "b2"],
  );
  expect(["a1", "a2", "b1", "b2", "c1", "named"].map((id) => layerName(race, id))).toEqual([
    "relu 1",
    "relu 2",
    "relu 1",
    "relu 2",
    "relu",
    "The last",
  ]);
});

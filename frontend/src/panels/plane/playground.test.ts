import { expect, it } from "vitest";

import type { Network, Node } from "../../protocol/types";
import type { Frame } from "../../stores/frames";
import { along, layoutPlay, wireAt, wiresOf } from "./geometry";
import { playModel, unitName } from "./model";
import { wireWidth } from "./draw-play";
import { sayPath } from "./say";
import { readWiring } from "../wiring";
import { neuronBlocks, readPath, unitValues } from "./streams";
import { withActivation, withLayer, withoutLayer, withUnits } from "./structure";

const node = (id: string, kind: string, config: Record<string, unknown> = {}): Node => ({
  id,
  kind,
  config,
  label: null,
  tied: {},
});

/** A chain of these nodes. */
function chain(...nodes: Node[]): Network {
  const edges = nodes.slice(1).map((one, i) => ({
    source: nodes[i]?.id ?? "",
    source_port: "out",
    target: one.id,
    target_port: "in",
  }));
  return { nodes, edges, parts: {} };
}

const point = node("input", "input", { field: "point" });
const NETWORK = chain(
  point,
  node("features", "features", { x1: true, sin_x1: true }),
  node("hidden1", "linear", { out_features: 3 }),
  node("tanh1", "tanh"),
  node("output", "linear", { out_features: 1 }),
);
const model = playModel(NETWORK);
if (!model) throw new Error("the network of the tests must be playable");

const order = (network: Network): string[] => {
  const next = new Map(network.edges.map((edge) => [edge.source, edge.target]));
  const found = ["input"];
  for (let id = next.get("input"); id; id = next.get(id)) found.push(id);
  return found;
};

const frame = (extra: Record<string, unknown>, floats: number[] | null, bytes?: number[], shape?: number[]): Frame =>
  ({
    header: { extra, shape: shape ?? [floats?.length ?? 0] },
    floats: floats && Float32Array.from(floats),
    bytes: bytes ? Uint8Array.from(bytes) : null,
  }) as unknown as Frame;

it("reads a chain of dense layers as columns of neurons", () => {
  expect([model.point, model.source, model.features]).toEqual(["input", "features", "features"]);
  expect(model.inputs.map((input) => input.index)).toEqual([0, 1, -1, -1, -1, 2, -1]);
  expect(model.layers.map((layer) => [layer.node, layer.shown, layer.activation, layer.units, layer.output])).toEqual([
    ["hidden1", "tanh1", "tanh", 3, false],
    ["output", "output", "", 1, true],
  ]);
  const output = { ...model.layers[1], units: 3, title: "Output" } as (typeof model.layers)[0];
  expect(unitName(output, 2, ["a", "b", "c"])).toBe("Output, c");
});

it("leaves to the cards what it cannot draw", () => {
  expect(playModel(null)).toBeNull();
  expect(playModel(chain(node("input", "input", { field: "image" }), node("a", "linear", { out_features: 2 })))).toBe(
    null,
  );
  expect(playModel(chain(point, node("a", "linear", { out_features: 17 })))).toBeNull();
  expect(playModel(chain(point, node("a", "dropout"), node("b", "linear", { out_features: 1 })))).toBeNull();
  const split = chain(point, node("a", "linear", { out_features: 2 }), node("b", "linear", { out_features: 1 }));
  const twice = { source: "input", source_port: "out", target: "b", target_port: "in" };
  expect(playModel({ ...split, edges: [...split.edges, twice] })).toBeNull();
  expect(playModel(split)?.inputs.map((input) => input.feature.key)).toEqual(["x1", "x2"]);
});

it("changes one thing and keeps the rest", () => {
  const wider = withUnits(NETWORK, "hidden1", 5);
  expect(playModel(wider)?.layers[0]?.units).toBe(5);
  expect(wider.nodes.filter((one) => one.id !== "hidden1")).toEqual(
    NETWORK.nodes.filter((one) => one.id !== "hidden1"),
  );
  const deeper = withLayer(NETWORK, model.layers, model.source);
  expect(order(deeper)).toEqual(["input", "features", "hidden1", "tanh1", "hidden2", "tanh2", "output"]);
  expect(deeper.nodes.map((one) => one.id)).toEqual(order(deeper));
  expect(withoutLayer(deeper, playModel(deeper)?.layers ?? [])).toEqual(NETWORK);
  const none = withoutLayer(NETWORK, model.layers);
  expect(order(none)).toEqual(["input", "features", "output"]);
  expect(order(withLayer(none, playModel(none)?.layers ?? [], "features"))[2]).toBe("hidden1");
  expect(withoutLayer(none, playModel(none)?.layers ?? [])).toEqual(none);
});

it("gives a layer another activation, or none", () => {
  const [layer] = model.layers;
  if (!layer) throw new Error("no layer");
  const relu = withActivation(NETWORK, layer, "relu");
  expect(order(relu)).toEqual(["input", "features", "hidden1", "relu1", "output"]);
  const linear = withActivation(NETWORK, layer, "");
  expect(order(linear)).toEqual(["input", "features", "hidden1", "output"]);
  const [bare] = playModel(linear)?.layers ?? [];
  expect(bare && order(withActivation(linear, bare, "tanh"))).toEqual(order(NETWORK));
});

it("lays columns out, and finds the wire under a place", () => {
  const layout = layoutPlay(model, { width: 600, height: 400 }, 60);
  expect(layout.columns.map((column) => column.spots.length)).toEqual([7, 3, 1]);
  for (const { spots } of layout.columns)
    for (const spot of spots) {
      expect(spot.y - spot.side / 2).toBeGreaterThanOrEqual(60);
      expect(spot.y + spot.side / 2).toBeLessThanOrEqual(400);
    }
  const wires = wiresOf(model, layout);
  expect(wires).toHaveLength(3 * 3 + 3);
  expect(wires.filter((wire) => wire.layer === 0).map((wire) => [wire.from, wire.to, wire.index])).toContainEqual([
    5, 1, 5,
  ]);
  const wanted = wires[4];
  if (!wanted) throw new Error("no wire");
  const [x, y] = along(wanted, 0.9);
  expect(wireAt(wires, x, y + 1, 5)).toBe(wanted);
  expect(wireAt(wires, x, -500, 5)).toBeNull();
  const small = layoutPlay(model, { width: 200, height: 100 }, 60);
  expect(small.width).toBeGreaterThan(200);
  expect(small.height).toBeGreaterThan(100);
});

it("reads what the streams bring", () => {
  const wiring = readWiring(
    frame({ layers: [{ node: "output", units: 1, inputs: 3, weight: 0, bias: 3 }] }, [1, 2, 3, 4]),
  );
  expect([...(wiring.get("output")?.weights ?? [])]).toEqual([1, 2, 3]);
  expect([...(wiring.get("output")?.biases ?? [])]).toEqual([4]);
  const extra = { layers: [{ node: "tanh1", first: 1, count: 2, lo: -1, hi: 1 }] };
  const neurons = frame(extra, null, [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8], [3, 2, 2]);
  expect(neuronBlocks(extra)[0]).toEqual({ node: "tanh1", first: 1, count: 2, lo: -1, hi: 1 });
  expect([...(unitValues(neurons, "tanh1", 1)?.bytes ?? [])]).toEqual([5, 6, 7, 8]);
  expect(unitValues(neurons, "tanh1", 2)).toBeNull();
  expect(unitValues(undefined, "tanh1", 0)).toBeNull();
});

it("says where a path ends", () => {
  const path = (said: number[], scale: string, classes: string[], target: number | null) =>
    readPath(
      frame({ layers: [{ node: "input", first: 0, count: 2 }], said: 2, scale, classes, target }, [1, 2, ...said]),
    );
  const two = path([0.5], "certainty", ["blue", "orange"], 0);
  expect([...(two.outputs.get("input") ?? [])]).toEqual([1, 2]);
  expect(sayPath(two)).toBe("the network says orange 75.0%; it is blue: wrong");
  expect(sayPath(path([0.25, 0.75, 0], "probability", ["a", "b", "c"], 1))).toBe(
    "the network says b 75.0%; it is b: right",
  );
  expect(sayPath(path([0.5], "value", [], 0.25))).toBe("the network says 0.500; it is 0.250, 0.250 away");
  expect(sayPath(path([0.5], "value", [], null))).toBe("the network says 0.500");
  expect(sayPath(null)).toBe("no path is lit");
});

it("draws stronger wires wider", () => {
  expect(wireWidth(0, 1)).toBeLessThan(wireWidth(-0.5, 1));
  expect(wireWidth(9, 1)).toBe(wireWidth(1, 1));
});

/** What + and − do to the network of a playground: a new network, in which everything that stays keeps its id. Pure. */
import type { Edge, Network, Node } from "../../protocol/types";
import type { PlayLayer } from "./model";

const edge = (source: string, target: string): Edge => ({
  source,
  source_port: "out",
  target,
  target_port: "in",
});

/** `hidden3`, the first number that is free. */
export function freeId(network: Network, stem: string): string {
  const taken = new Set(network.nodes.map((node) => node.id));
  for (let i = 1; ; i++) if (!taken.has(`${stem}${i}`)) return `${stem}${i}`;
}

const rewired = (network: Network, nodes: Node[], edges: Edge[]): Network => ({ ...network, nodes, edges });

export function withUnits(network: Network, node: string, units: number): Network {
  const nodes = network.nodes.map((one) =>
    one.id === node ? { ...one, config: { ...one.config, out_features: units } } : one,
  );
  return rewired(network, nodes, network.edges);
}

/** Puts `added` (a chain) between `source` and `target`, which are neighbours. */
function between(network: Network, source: string, target: string, added: Node[]): Network {
  const at = network.nodes.findIndex((node) => node.id === target);
  const nodes = [...network.nodes.slice(0, at), ...added, ...network.nodes.slice(at)];
  const line = [source, ...added.map((node) => node.id), target];
  const kept = network.edges.filter((one) => one.source !== source || one.target !== target);
  const links = line.slice(1).map((id, i) => edge(line[i] ?? source, id));
  const place = network.edges.findIndex((one) => one.source === source && one.target === target);
  return rewired(network, nodes, [...kept.slice(0, place), ...links, ...kept.slice(place)]);
}

/** Takes nodes of a chain out; their neighbours are joined. */
function without(network: Network, gone: readonly string[]): Network {
  let edges = network.edges;
  for (const id of gone) {
    const into = edges.find((one) => one.target === id);
    const out = edges.find((one) => one.source === id);
    edges = edges.flatMap((one) => {
      if (one === into && out) return [{ ...one, target: out.target, target_port: out.target_port }];
      return one.target === id || one.source === id ? [] : [one];
    });
  }
  const nodes = network.nodes.filter((node) => !gone.includes(node.id));
  return rewired(network, nodes, edges);
}

/** A hidden layer more, directly before the output: as many units and the same activation as the one before it. */
export function withLayer(network: Network, layers: readonly PlayLayer[], source: string): Network {
  const output = layers.at(-1);
  const before = layers.at(-2);
  if (!output) return network;
  const id = freeId(network, "hidden");
  const kind = before?.activation || "tanh";
  const hidden: Node = {
    id,
    kind: "linear",
    config: { out_features: before?.units ?? 4 },
    label: `Hidden ${layers.length}`,
    tied: {},
  };
  const activation: Node = { id: freeId(network, kind), kind, config: {}, label: null, tied: {} };
  return between(network, before?.shown ?? source, output.node, [hidden, activation]);
}

/** One hidden layer less: the last one. */
export function withoutLayer(network: Network, layers: readonly PlayLayer[]): Network {
  const last = layers.at(-2);
  return last ? without(network, [...new Set([last.shown, last.node])]) : network;
}

/** Another activation behind a layer; "" takes it away. */
export function withActivation(network: Network, layer: PlayLayer, kind: string): Network {
  const bare = layer.activation ? without(network, [layer.shown]) : network;
  if (kind === "") return bare;
  const target = bare.edges.find((one) => one.source === layer.node)?.target;
  if (target === undefined) return bare;
  return between(bare, layer.node, target, [{ id: freeId(bare, kind), kind, config: {}, label: null, tied: {} }]);
}

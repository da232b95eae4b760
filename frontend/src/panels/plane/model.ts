/** A chain of dense layers over the plane as the playground draws it: inputs, columns of neurons, output. Pure. */
import type { Network, Node } from "../../protocol/types";

export interface Feature {
  key: string;
  label: string;
  /** In words, for those who hear it. */
  spoken: string;
  of: (x1: number, x2: number) => number;
}

/** What a network can be told about a point, in the order of the layer `features`. */
export const FEATURES: readonly Feature[] = [
  { key: "x1", label: "x₁", spoken: "x 1", of: (x1) => x1 },
  { key: "x2", label: "x₂", spoken: "x 2", of: (_, x2) => x2 },
  { key: "x1_squared", label: "x₁²", spoken: "x 1 squared", of: (x1) => x1 * x1 },
  { key: "x2_squared", label: "x₂²", spoken: "x 2 squared", of: (_, x2) => x2 * x2 },
  { key: "product", label: "x₁x₂", spoken: "x 1 times x 2", of: (x1, x2) => x1 * x2 },
  { key: "sin_x1", label: "sin x₁", spoken: "sine of x 1", of: (x1) => Math.sin(x1) },
  { key: "sin_x2", label: "sin x₂", spoken: "sine of x 2", of: (_, x2) => Math.sin(x2) },
];

export interface Input {
  feature: Feature;
  on: boolean;
  /** Its place in the vector that the first layer reads; −1 where it is off. */
  index: number;
}

export interface PlayLayer {
  /** The dense layer. */
  node: string;
  /** The node whose output is drawn: its activation where there is one. */
  shown: string;
  /** Kind of the activation, "" for none. */
  activation: string;
  units: number;
  title: string;
  output: boolean;
}

export interface PlayModel {
  /** The input node. */
  point: string;
  /** The node whose output the first layer reads. */
  source: string;
  /** Can the inputs be chosen? The `features` node, else null. */
  features: string | null;
  inputs: Input[];
  layers: PlayLayer[];
}

export const MOST_UNITS = 16;
export const MOST_LAYERS = 8;
/** Activations by kind, the usual ones first. */
export const ACTIVATIONS = [
  "tanh",
  "relu",
  "sigmoid",
  "leaky_relu",
  "elu",
  "gelu",
  "silu",
  "softplus",
  "step",
] as const;
const ON_AT_FIRST = new Set(["x1", "x2"]);

/** The nodes one behind the other; null where the network is no plain chain. */
function chain({ nodes, edges }: Network): Node[] | null {
  if (edges.length !== nodes.length - 1) return null;
  const next = new Map(edges.map((edge) => [edge.source, edge.target]));
  const reached = new Set(edges.map((edge) => edge.target));
  if (next.size !== edges.length || reached.size !== edges.length) return null;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const found: Node[] = [];
  let node = nodes.find((one) => !reached.has(one.id));
  while (node) {
    found.push(node);
    node = byId.get(next.get(node.id) ?? "");
  }
  return found.length === nodes.length ? found : null;
}

export function inputsOf(config: Record<string, unknown> | null): Input[] {
  let index = 0;
  return (config ? FEATURES : FEATURES.slice(0, 2)).map((feature) => {
    const on = config ? ((config[feature.key] as boolean | undefined) ?? ON_AT_FIRST.has(feature.key)) : true;
    return { feature, on, index: on ? index++ : -1 };
  });
}

/** Pairs of a dense layer and its activation; null where something else stands among them or a layer is too large. */
function layersOf(nodes: readonly Node[]): PlayLayer[] | null {
  const layers: PlayLayer[] = [];
  for (const [i, node] of nodes.entries()) {
    const before = nodes[i - 1];
    const last = layers.at(-1);
    if (node.kind === "linear") {
      const units = Number(node.config["out_features"]);
      if (!(units >= 1 && units <= MOST_UNITS)) return null;
      const title = node.label ?? node.id;
      layers.push({ node: node.id, shown: node.id, activation: "", units, title, output: false });
    } else if ((ACTIVATIONS as readonly string[]).includes(node.kind) && before?.kind === "linear" && last) {
      last.shown = node.id;
      last.activation = node.kind;
    } else {
      return null;
    }
  }
  const output = layers.at(-1);
  if (output) output.output = true;
  return layers.length >= 1 && layers.length <= MOST_LAYERS ? layers : null;
}

/** null where the playground cannot draw it: the cards of the builder can draw every network. */
export function playModel(network: Network | null | undefined): PlayModel | null {
  const nodes = network ? chain(network) : null;
  const [point, second] = nodes ?? [];
  if (!nodes || point?.kind !== "input" || point.config["field"] !== "point") return null;
  const features = second?.kind === "features" ? second : null;
  const layers = layersOf(nodes.slice(features ? 2 : 1));
  if (!layers) return null;
  return {
    point: point.id,
    source: (features ?? point).id,
    features: features?.id ?? null,
    inputs: inputsOf(features?.config ?? null),
    layers,
  };
}

/** Names of the units of a layer's column: inputs by their formula, outputs of several classes by the class. */
export function unitName(layer: PlayLayer, unit: number, classes: readonly string[]): string {
  if (!layer.output) return `${layer.title}, unit ${unit + 1}`;
  return layer.units > 1 && classes[unit] ? `${layer.title}, ${classes[unit]}` : layer.title;
}

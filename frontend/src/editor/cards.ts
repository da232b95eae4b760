/** From the network's nodes to the cards on the canvas: what is told together is shown together. */
import type { Experiment, Node } from "../protocol/types";

export interface Card {
  /** The node that the card stands for. */
  id: string;
  kind: string;
  title: string;
  /** Its most telling setting, e.g. `8 @ 5×5`. */
  detail: string;
  /** An activation directly behind it, or what the loss makes of an output. */
  activation: string;
  /** The node whose output is the picture: the activation's where there is one. */
  pictureNode: string;
  /** Every node inside the card. */
  nodes: string[];
}

export interface Link {
  id: string;
  source: string;
  target: string;
  /** The node whose output flows here, for its shape and its size. */
  carrier: string;
}

export interface Cards {
  cards: Card[];
  links: Link[];
}

const ACTIVATIONS = new Set(["relu", "leaky_relu", "tanh", "sigmoid", "gelu", "softmax"]);
const WITH_ACTIVATION = new Set(["conv2d", "linear", "batch_norm2d", "batch_norm1d", "batch_norm"]);
/** Changes only how numbers are arranged: told by the shape on the edge. */
const PASSAGES = new Set(["flatten", "identity"]);

const setting = (node: Node, key: string): unknown => node.config[key];

function square(value: unknown): string {
  if (Array.isArray(value)) return value.join("×");
  return value === undefined ? "" : `${String(value)}×${String(value)}`;
}

function detail(node: Node): string {
  switch (node.kind) {
    case "conv2d":
      return `${String(setting(node, "out_channels"))} @ ${square(setting(node, "kernel_size"))}`;
    case "max_pool2d":
    case "avg_pool2d":
      return square(setting(node, "kernel_size"));
    case "linear":
      return String(setting(node, "out_features"));
    case "dropout":
      return `${Math.round(100 * Number(setting(node, "p") ?? 0.5))} %`;
    default:
      return "";
  }
}

/** What the loss reads an output as, where it is one of the known pairs. */
function reading(experiment: Experiment, node: string): string {
  const { output, loss } = experiment.recipe.config as { output?: string; loss?: { kind?: string } };
  if (output !== node) return "";
  return { cross_entropy: "softmax", binary_cross_entropy: "sigmoid" }[loss?.kind ?? ""] ?? "";
}

/** `labels` gives the catalogue's name of a kind. */
export function cardsOf(experiment: Experiment, labels: (kind: string) => string): Cards {
  const { nodes, edges } = experiment.network;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const into = new Map<string, string[]>();
  const out = new Map<string, string[]>();
  for (const edge of edges) {
    into.set(edge.target, [...(into.get(edge.target) ?? []), edge.source]);
    out.set(edge.source, [...(out.get(edge.source) ?? []), edge.target]);
  }

  /** The node whose card a folded activation joins. */
  const host = (node: Node): string | undefined => {
    const before = into.get(node.id) ?? [];
    const source = byId.get(before[0] ?? "");
    const alone = before.length === 1 && source && (out.get(source.id) ?? []).length === 1;
    return alone && ACTIVATIONS.has(node.kind) && WITH_ACTIVATION.has(source.kind) ? source.id : undefined;
  };
  const passes = (node: Node): boolean =>
    PASSAGES.has(node.kind) && (into.get(node.id) ?? []).length === 1 && (out.get(node.id) ?? []).length > 0;

  const hosts = new Map<string, string>();
  for (const node of nodes) {
    const into = host(node);
    if (into) hosts.set(node.id, into);
  }
  const cards: Card[] = [];
  for (const node of nodes) {
    if (hosts.has(node.id) || passes(node)) continue;
    const folded = nodes.filter((other) => hosts.get(other.id) === node.id);
    const last = folded.at(-1) ?? node;
    cards.push({
      id: node.id,
      kind: node.kind,
      title: node.label ?? labels(node.kind),
      detail: detail(node),
      activation: folded[0] ? labels(folded[0].kind).toLowerCase() : reading(experiment, node.id),
      pictureNode: last.id,
      nodes: [node.id, ...folded.map((other) => other.id)],
    });
  }

  /** Follows an edge back through passages to the card that it comes from. */
  const origin = (id: string): string => {
    const node = byId.get(id);
    if (node && passes(node)) return origin(into.get(id)?.[0] ?? id);
    return hosts.get(id) ?? id;
  };
  const shown = new Set(cards.map((card) => card.id));
  const links = edges
    .filter((edge) => shown.has(edge.target))
    .map((edge) => ({
      id: `${edge.source}.${edge.source_port}-${edge.target}.${edge.target_port}`,
      source: origin(edge.source),
      target: edge.target,
      carrier: edge.source,
    }))
    .filter((link) => shown.has(link.source));
  return { cards, links };
}

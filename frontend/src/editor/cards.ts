/** From the network's nodes to the cards on the canvas: what is told together is shown together. */
import type { Edge, Experiment, Node, PortInfo } from "../protocol/types";
import { borderOf } from "./core/groups";
import { edgeId, type PortsOf } from "./core/network";

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
  inputs: CardPort[];
  outputs: CardPort[];
  /** The collapsed block that the card stands for. */
  block?: string;
}

/** A place where a connection ends. */
export interface CardPort {
  /** `conv1.out`: also the id of its handle. */
  id: string;
  node: string;
  port: string;
  many: boolean;
  optional: boolean;
}

export interface Link {
  id: string;
  source: string;
  target: string;
  /** The node whose output flows here, for its shape and its size. */
  carrier: string;
  sourceHandle: string;
  targetHandle: string;
  /** The connections of the document that it stands for, from the first to the last. */
  chain: Edge[];
}

export interface Cards {
  cards: readonly Card[];
  links: readonly Link[];
}

const ACTIVATIONS = new Set(["relu", "leaky_relu", "tanh", "sigmoid", "gelu", "softmax"]);
const WITH_ACTIVATION = new Set(["conv2d", "linear", "batch_norm2d", "batch_norm1d", "batch_norm"]);
/** Changes only how numbers are arranged: told by the shape on the edge. */
const PASSAGES = new Set(["flatten", "identity"]);

/** What a setting is where the document leaves it out. */
export type Defaults = (kind: string, key: string) => unknown;

function square(value: unknown): string {
  if (Array.isArray(value)) return value.join("×");
  return value === undefined ? "" : `${String(value)}×${String(value)}`;
}

function detail(node: Node, defaults: Defaults): string {
  const setting = (of: Node, key: string): unknown => of.config[key] ?? defaults(of.kind, key);
  switch (node.kind) {
    case "conv2d":
      return `${String(setting(node, "out_channels"))} @ ${square(setting(node, "kernel_size"))}`;
    case "max_pool2d":
    case "avg_pool2d":
      return square(setting(node, "kernel_size"));
    case "max_pool1d":
    case "avg_pool1d":
      return `${String(setting(node, "kernel_size"))} places`;
    case "linear":
      return String(setting(node, "out_features"));
    case "dropout":
      return `${Math.round(100 * Number(setting(node, "p") ?? 0.5))} %`;
    default:
      return "";
  }
}

/** What the loss reads an output as, where it is one of the known pairs. */
function readingOf(experiment: Experiment, node: string): string {
  const { output, loss } = experiment.recipe.config as { output?: string; loss?: { kind?: string } };
  if (output !== node) return "";
  return { cross_entropy: "softmax", binary_cross_entropy: "sigmoid" }[loss?.kind ?? ""] ?? "";
}

export interface CardOptions {
  /** Blocks that are shown as one card. */
  collapsed?: readonly string[];
  /** Nodes with a problem of their own: never hidden inside another card or in an edge. */
  wrong?: ReadonlySet<string>;
  portsOf?: PortsOf;
  defaults?: Defaults;
}

const NO_PORTS: PortsOf = () => ({ inputs: [], outputs: [] });

/** Who reads whom, and which cards nodes belong to. */
class Reading {
  readonly byId: ReadonlyMap<string, Node>;
  readonly into = new Map<string, Edge[]>();
  readonly out = new Map<string, Edge[]>();
  /** Node to the collapsed block that stands for it. */
  readonly block = new Map<string, string>();
  private readonly blocks = new Map<string, string>();

  constructor(
    experiment: Experiment,
    private readonly wrong: ReadonlySet<string>,
    collapsed: readonly string[],
  ) {
    const { nodes, edges, parts } = experiment.network;
    this.byId = new Map(nodes.map((node) => [node.id, node]));
    for (const edge of edges) {
      this.into.set(edge.target, [...(this.into.get(edge.target) ?? []), edge]);
      this.out.set(edge.source, [...(this.out.get(edge.source) ?? []), edge]);
    }
    for (const [name, members] of Object.entries(parts)) {
      for (const id of members) this.blocks.set(id, `${this.blocks.get(id) ?? ""}/${name}`);
    }
    // The largest block wins: what lies inside it is hidden with it.
    const shown = Object.entries(parts).filter(([name]) => collapsed.includes(name));
    for (const [name, members] of shown.sort((a, b) => a[1].length - b[1].length)) {
      for (const id of members) this.block.set(id, name);
    }
  }

  /** The node whose card a folded activation joins. */
  host(node: Node): string | undefined {
    const [edge, ...more] = this.into.get(node.id) ?? [];
    const source = this.byId.get(edge?.source ?? "");
    if (!source || more.length > 0 || (this.out.get(source.id) ?? []).length !== 1) return undefined;
    const fits = ACTIVATIONS.has(node.kind) && WITH_ACTIVATION.has(source.kind) && !this.wrong.has(node.id);
    return fits && this.blocks.get(node.id) === this.blocks.get(source.id) ? source.id : undefined;
  }

  /** Whether an edge tells of the node, which then needs no card. */
  passes(node: Node): boolean {
    const between = this.into.get(node.id)?.length === 1 && (this.out.get(node.id) ?? []).length > 0;
    return PASSAGES.has(node.kind) && between && !this.wrong.has(node.id) && !this.block.has(node.id);
  }
}

const blockId = (name: string): string => `block:${name}`;

/** `labels` gives the catalogue's name of a kind. */
export function cardsOf(
  experiment: Experiment,
  labels: (kind: string) => string,
  { collapsed = [], wrong = new Set(), portsOf = NO_PORTS, defaults = () => undefined }: CardOptions = {},
): Cards {
  const { nodes, edges, parts } = experiment.network;
  const reading = new Reading(experiment, wrong, collapsed);
  const hosts = new Map<string, string>();
  for (const node of nodes) {
    const into = reading.block.has(node.id) ? undefined : reading.host(node);
    if (into && !reading.block.has(into)) hosts.set(node.id, into);
  }
  const folded = new Map<string, Node>();
  for (const [id, into] of hosts) folded.set(into, reading.byId.get(id) as Node);

  const cards: Card[] = [];
  const blocksDone = new Set<string>();
  for (const node of nodes) {
    const block = reading.block.get(node.id);
    if (block !== undefined) {
      if (!blocksDone.has(block)) cards.push(blockCard(experiment, block, parts[block] ?? [], portsOf));
      blocksDone.add(block);
      continue;
    }
    if (hosts.has(node.id) || reading.passes(node)) continue;
    const activation = folded.get(node.id);
    const last = activation ?? node;
    cards.push({
      id: node.id,
      kind: node.kind,
      title: node.label ?? labels(node.kind),
      detail: detail(node, defaults),
      activation: activation ? labels(activation.kind).toLowerCase() : readingOf(experiment, node.id),
      pictureNode: last.id,
      nodes: [node.id, ...(activation ? [activation.id] : [])],
      inputs: portsOf(node).inputs.map((port) => handle(node.id, port)),
      outputs: portsOf(last).outputs.map((port) => handle(last.id, port)),
    });
  }
  const shown = new Set(cards.map((card) => card.id));
  const cardOf = (id: string): string => {
    const block = reading.block.get(id);
    return block === undefined ? (hosts.get(id) ?? id) : blockId(block);
  };

  const links: Link[] = [];
  for (const edge of edges) {
    const chain = [edge];
    for (let first = edge; ;) {
      const node = reading.byId.get(first.source);
      const before = node && reading.passes(node) ? reading.into.get(node.id)?.[0] : undefined;
      if (!before || chain.length > nodes.length) break;
      chain.unshift(before);
      first = before;
    }
    const source = cardOf(chain[0]?.source ?? "");
    const target = cardOf(edge.target);
    if (source === target || !shown.has(source) || !shown.has(target) || hosts.has(edge.target)) continue;
    links.push({
      id: edgeId(edge),
      source,
      target,
      carrier: edge.source,
      sourceHandle: `${chain[0]?.source ?? ""}.${chain[0]?.source_port ?? ""}`,
      targetHandle: `${edge.target}.${edge.target_port}`,
      chain,
    });
  }
  return { cards, links };
}

const handle = (node: string, { name, many, optional }: PortInfo): CardPort => ({
  id: `${node}.${name}`,
  node,
  port: name,
  many,
  optional,
});

function blockCard(experiment: Experiment, name: string, members: readonly string[], portsOf: PortsOf): Card {
  const { network } = experiment;
  const inside = new Set(members);
  const own = network.nodes.filter((node) => inside.has(node.id));
  const fed = new Set(
    network.edges.filter((edge) => inside.has(edge.source)).map((edge) => `${edge.target}.${edge.target_port}`),
  );
  const { into, out } = borderOf(network, inside);
  const entered = new Set(into.map((edge) => `${edge.target}.${edge.target_port}`));
  const left = new Set(out.map((edge) => `${edge.source}.${edge.source_port}`));
  const read = new Set(network.edges.filter((edge) => inside.has(edge.target)).map((edge) => edge.source));
  const inputs = own.flatMap((node) => portsOf(node).inputs.map((port) => handle(node.id, port)));
  const outputs = own.flatMap((node) => portsOf(node).outputs.map((port) => handle(node.id, port)));
  return {
    id: blockId(name),
    kind: "block",
    title: name.replaceAll("_", " "),
    detail: `${members.length} layers`,
    activation: "",
    pictureNode: own.find((node) => left.has(`${node.id}.out`))?.id ?? own.at(-1)?.id ?? "",
    nodes: own.map((node) => node.id),
    inputs: inputs.filter((port) => entered.has(port.id) || (!fed.has(port.id) && !port.optional)),
    outputs: outputs.filter((port) => left.has(port.id) || !read.has(port.node)),
    block: name,
  };
}

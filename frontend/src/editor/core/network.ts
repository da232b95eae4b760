/** The network document as the editor's operations see it. Nothing here knows of a canvas or a server. */
import type { Edge, Network, Node, PortInfo } from "../../protocol/types";

export type { Edge, Network, Node };

/** The server refuses more; so does every operation that adds. */
export const MOST_NODES = 2000;
export const MOST_EDGES = 8000;

export interface Ports {
  inputs: readonly PortInfo[];
  outputs: readonly PortInfo[];
}
/** The ports of a node, from the catalogue or from the last check. */
export type PortsOf = (node: Node) => Ports;

/** A new network with what should be selected in it, or why there is none, in words. */
export type Result = { network: Network; select: string[]; reason?: undefined } | { reason: string };

export const EMPTY: Network = { nodes: [], edges: [], parts: {} };

export const refuse = (reason: string): Result => ({ reason });

export const edgeId = (edge: Edge): string => `${edge.source}.${edge.source_port}-${edge.target}.${edge.target_port}`;

export const nodeOf = (network: Network, id: string): Node | undefined => network.nodes.find((node) => node.id === id);

/** What people call a node. */
export const nameOf = (network: Network, id: string): string => nodeOf(network, id)?.label ?? id;

export const incoming = (network: Network, id: string): Edge[] => network.edges.filter((edge) => edge.target === id);
export const outgoing = (network: Network, id: string): Edge[] => network.edges.filter((edge) => edge.source === id);

/** Nodes that nothing reads. */
export function ends(network: Network): string[] {
  const read = new Set(network.edges.map((edge) => edge.source));
  return network.nodes.filter((node) => !read.has(node.id)).map((node) => node.id);
}

/** `conv2d` to `conv`: what the ids of its nodes start with. */
const stem = (kind: string): string => kind.replace(/\d+d$/, "").replace(/_+$/, "").replace(/\d+$/, "") || "node";

/** The next free id: `conv1`, `conv2` ... `taken` is added to. */
export function freshId(taken: Set<string>, base: string): string {
  const start = stem(base).slice(0, 56);
  let number = 1;
  while (taken.has(`${start}${number}`)) number += 1;
  const id = `${start}${number}`;
  taken.add(id);
  return id;
}

export const idsOf = (network: Network): Set<string> => new Set(network.nodes.map((node) => node.id));

/** A node of that kind with a free id, not yet in the network. */
export function makeNode(network: Network, kind: string, config: Node["config"] = {}): Node {
  return { id: freshId(idsOf(network), kind), kind, config, label: null, tied: {} };
}

export const makeEdge = (source: string, target: string, source_port = "out", target_port = "in"): Edge => ({
  source,
  target,
  source_port,
  target_port,
});

/** A path from one node to another along the connections, both included; null if there is none. */
export function pathBetween(network: Network, from: string, to: string): string[] | null {
  const next = new Map<string, string[]>();
  for (const edge of network.edges) next.set(edge.source, [...(next.get(edge.source) ?? []), edge.target]);
  const came = new Map<string, string>([[from, ""]]);
  const queue = [from];
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    if (id === to) {
      const path = [id];
      for (let back = came.get(id); back; back = came.get(back)) path.unshift(back);
      return path;
    }
    for (const target of next.get(id) ?? []) {
      if (came.has(target)) continue;
      came.set(target, id);
      queue.push(target);
    }
  }
  return null;
}

/** Why so much more does not fit; undefined if it does. */
export function tooMany(network: Network, nodes: number, edges = 0): string | undefined {
  if (network.nodes.length + nodes > MOST_NODES) {
    const total = (network.nodes.length + nodes).toLocaleString("en-GB");
    return `That would make ${total} layers; a network holds at most ${MOST_NODES.toLocaleString("en-GB")}.`;
  }
  if (network.edges.length + edges > MOST_EDGES) {
    return `A network holds at most ${MOST_EDGES.toLocaleString("en-GB")} connections.`;
  }
  return undefined;
}

/** Any text as the name of a part: letters, digits, underscores, a letter first. */
export function partName(wanted: string, taken: ReadonlySet<string>): string {
  const plain = wanted
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/^[^A-Za-z]+|_+$/g, "");
  const base = (plain || "block").slice(0, 56);
  let name = base;
  for (let number = 2; taken.has(name); number++) name = `${base}_${number}`;
  return name;
}

/** Putting layers in: free, on a connection, behind a layer. */
import { type Fragment, graft } from "./graft";
import {
  type Edge,
  edgeId,
  makeEdge,
  nameOf,
  type Network,
  type Node,
  nodeOf,
  outgoing,
  type PortsOf,
  refuse,
  type Result,
  tooMany,
} from "./network";

/** Places a node without connections. */
export function addNode(network: Network, node: Node): Result {
  const full = tooMany(network, 1);
  if (full) return refuse(full);
  return { network: { ...network, nodes: [...network.nodes, node] }, select: [node.id] };
}

/** Puts nodes where `at` says, so that the document reads in the order of the network. */
function withNodes(network: Network, after: string, nodes: readonly Node[]): Node[] {
  const at = network.nodes.findIndex((node) => node.id === after);
  return [...network.nodes.slice(0, at + 1), ...nodes, ...network.nodes.slice(at + 1)];
}

/** Cuts a connection in two and puts the node between. */
export function insertOnEdge(network: Network, edge: Edge, node: Node, portsOf: PortsOf): Result {
  const full = tooMany(network, 1, 1);
  if (full) return refuse(full);
  const { inputs, outputs } = portsOf(node);
  const [input] = inputs;
  const [output] = outputs;
  if (!input || !output) return refuse(`${node.kind} takes nothing in, so it can not stand between two layers.`);
  const id = edgeId(edge);
  if (!network.edges.some((one) => edgeId(one) === id)) return refuse("That connection is no longer there.");
  const edges = network.edges.flatMap((one) =>
    edgeId(one) === id
      ? [
          makeEdge(edge.source, node.id, edge.source_port, input.name),
          makeEdge(node.id, edge.target, output.name, edge.target_port),
        ]
      : [one],
  );
  return {
    network: { ...inParts(network, edge, node.id), nodes: withNodes(network, edge.source, [node]), edges },
    select: [node.id],
  };
}

/** A node between two layers of one group belongs to it too. */
function inParts(network: Network, edge: Edge, id: string): Network {
  const parts = Object.fromEntries(
    Object.entries(network.parts).map(([name, members]) => [
      name,
      members.includes(edge.source) && members.includes(edge.target) ? [...members, id] : members,
    ]),
  );
  return { ...network, parts };
}

/** Puts the node behind another: it reads that one, and whatever read that one reads the new node instead. */
export function insertAfter(network: Network, after: string, node: Node, portsOf: PortsOf): Result {
  const before = nodeOf(network, after);
  if (!before) return refuse("That layer is no longer there.");
  const full = tooMany(network, 1, 1);
  if (full) return refuse(full);
  const { inputs, outputs } = portsOf(node);
  const [input] = inputs;
  const [output] = outputs;
  const [source] = portsOf(before).outputs;
  if (!source) return refuse(`Nothing comes out of ${nameOf(network, after)}.`);
  if (!input) return addNode(network, node);
  const moved = output ? outgoing(network, after).filter((edge) => edge.source_port === source.name) : [];
  const ids = new Set(moved.map(edgeId));
  const edges = network.edges.map((edge) =>
    ids.has(edgeId(edge)) ? { ...edge, source: node.id, source_port: output?.name ?? "out" } : edge,
  );
  const parts = Object.fromEntries(
    Object.entries(network.parts).map(([name, members]) => [
      name,
      members.includes(after) ? [...members, node.id] : members,
    ]),
  );
  return {
    network: {
      parts,
      nodes: withNodes(network, after, [node]),
      edges: [...edges, makeEdge(after, node.id, source.name, input.name)],
    },
    select: [node.id],
  };
}

export interface Insertable extends Fragment {
  /** Layers that read what arrives. */
  entry: readonly string[];
  /** The layer whose output leaves. */
  exit: string;
}

/** Puts several connected layers where one would go. */
export function insertFragment(
  network: Network,
  spot: { edge: Edge } | { after: string } | null,
  fragment: Insertable,
  portsOf: PortsOf,
): Result {
  const full = tooMany(network, fragment.nodes.length, fragment.edges.length + fragment.entry.length);
  if (full) return refuse(full);
  const after = spot && ("edge" in spot ? spot.edge.source : spot.after);
  const grafted = graft(network, fragment, after ?? undefined);
  const id = (old: string): string => grafted.renamed.get(old) ?? old;
  const select = fragment.nodes.map((node) => id(node.id));
  if (!spot || after === null) return { network: grafted.network, select };
  const source = nodeOf(network, after);
  const port = "edge" in spot ? spot.edge.source_port : source && portsOf(source).outputs[0]?.name;
  if (!port) return refuse(`Nothing comes out of ${nameOf(network, after)}.`);
  const moved = new Set(
    "edge" in spot
      ? [edgeId(spot.edge)]
      : outgoing(network, after)
          .filter((edge) => edge.source_port === port)
          .map(edgeId),
  );
  const edges = grafted.network.edges.map((edge) =>
    moved.has(edgeId(edge)) ? { ...edge, source: id(fragment.exit), source_port: "out" } : edge,
  );
  const entering = fragment.entry.map((entry) => makeEdge(after, id(entry), port));
  return { network: { ...grafted.network, edges: [...edges, ...entering] }, select };
}

/** Taking layers out, their neighbours joined or not. */
import {
  type Edge,
  edgeId,
  incoming,
  makeEdge,
  nameOf,
  type Network,
  nodeOf,
  type PortsOf,
  refuse,
  type Result,
} from "./network";

/** Follows the first input back through what is removed to what stays; undefined where nothing does. */
function originOf(network: Network, gone: ReadonlySet<string>, edge: Edge, seen = 0): Edge | undefined {
  if (!gone.has(edge.source)) return edge;
  const [first] = incoming(network, edge.source);
  return first && seen < network.nodes.length ? originOf(network, gone, first, seen + 1) : undefined;
}

/** A part that a node runs by name. */
const calls = (network: Network, part: string, gone: ReadonlySet<string>): string | undefined =>
  network.nodes.find((node) => node.config["part"] === part && !gone.has(node.id))?.id;

/**
 * Removes nodes. With `reconnect`, whatever read them reads what they read: a chain stays a chain.
 * Shared weights of removed nodes stay where they are used: the first that shared them keeps them.
 */
export function removeNodes(network: Network, ids: readonly string[], reconnect: boolean, portsOf: PortsOf): Result {
  const gone = new Set(ids.filter((id) => nodeOf(network, id)));
  if (gone.size === 0) return refuse("Nothing is selected that could be removed.");
  for (const [part, members] of Object.entries(network.parts)) {
    const caller = calls(network, part, gone);
    if (caller && members.length > 0 && members.every((id) => gone.has(id))) {
      return refuse(`${nameOf(network, caller)} runs the part “${part}”: remove that layer first.`);
    }
  }
  const kept = network.edges.filter((edge) => !gone.has(edge.source) && !gone.has(edge.target));
  const known = new Set(kept.map(edgeId));
  const joined = new Map<string, Edge[]>();
  if (reconnect) {
    for (const edge of network.edges) {
      if (!gone.has(edge.source) || gone.has(edge.target)) continue;
      const origin = originOf(network, gone, edge);
      if (!origin) continue;
      const bridge = makeEdge(origin.source, edge.target, origin.source_port, edge.target_port);
      const target = nodeOf(network, edge.target);
      const many = target && portsOf(target).inputs.find((port) => port.name === edge.target_port)?.many;
      if (known.has(edgeId(bridge)) && !many) continue;
      known.add(edgeId(bridge));
      joined.set(edgeId(edge), [bridge]);
    }
  }
  // A bridge stands where the removed connection stood: `concatenate` reads its inputs in this order.
  const edges = network.edges.flatMap((edge) =>
    gone.has(edge.source) || gone.has(edge.target) ? (joined.get(edgeId(edge)) ?? []) : [edge],
  );
  const parts = Object.fromEntries(
    Object.entries(network.parts)
      .map(([name, members]) => [name, members.filter((id) => !gone.has(id))] as const)
      .filter(([, members]) => members.length > 0),
  );
  const nodes = network.nodes.filter((node) => !gone.has(node.id)).map((node) => untied(node, gone));
  const first = network.edges.find((edge) => gone.has(edge.target) && !gone.has(edge.source));
  return { network: { nodes, edges, parts }, select: first ? [first.source] : [] };
}

function untied(node: Network["nodes"][number], gone: ReadonlySet<string>): Network["nodes"][number] {
  const lost = Object.values(node.tied).some((target) => gone.has(target.split(".")[0] ?? ""));
  if (!lost) return node;
  const tied = Object.entries(node.tied).filter(([, target]) => !gone.has(target.split(".")[0] ?? ""));
  return { ...node, tied: Object.fromEntries(tied) };
}

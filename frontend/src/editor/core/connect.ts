/** Connections: made, cut, moved. */
import {
  type Edge,
  edgeId,
  nameOf,
  type Network,
  nodeOf,
  pathBetween,
  type PortsOf,
  refuse,
  type Result,
  tooMany,
} from "./network";

/** Why this connection can not be; undefined if it can. */
export function refusal(network: Network, edge: Edge, portsOf: PortsOf): string | undefined {
  const source = nodeOf(network, edge.source);
  const target = nodeOf(network, edge.target);
  if (!source || !target) return "One of the two layers is no longer there.";
  const from = nameOf(network, edge.source);
  const to = nameOf(network, edge.target);
  if (edge.source === edge.target)
    return `${from} can not feed itself. To carry a state from step to step, use a scan.`;
  if (!portsOf(source).outputs.some((port) => port.name === edge.source_port))
    return `${from} has no output “${edge.source_port}”.`;
  const port = portsOf(target).inputs.find((one) => one.name === edge.target_port);
  if (!port)
    return portsOf(target).inputs.length === 0
      ? `Nothing can be led into ${to}.`
      : `${to} has no input “${edge.target_port}”.`;
  const back = pathBetween(network, edge.target, edge.source);
  if (back) {
    const names = [...back, edge.target].map((id) => nameOf(network, id));
    const shown = names.length > 7 ? [...names.slice(0, 3), "…", ...names.slice(-2)] : names;
    return `That would be a cycle: ${shown.join(" → ")}. Values flow one way; to carry a state from step to step, use a scan.`;
  }
  const there = network.edges.find((one) => one.target === edge.target && one.target_port === edge.target_port);
  if (there && !port.many) {
    const which = portsOf(target).inputs.length > 1 ? ` at “${port.name}”` : "";
    return `${to} takes one input${which}, and ${nameOf(network, there.source)} is connected already. Drag the end of that connection, or join both with Add or Concatenate.`;
  }
  if (network.edges.some((one) => edgeId(one) === edgeId(edge))) return `${from} and ${to} are connected already.`;
  return tooMany(network, 0, 1);
}

export function connect(network: Network, edge: Edge, portsOf: PortsOf): Result {
  const reason = refusal(network, edge, portsOf);
  if (reason) return refuse(reason);
  return { network: { ...network, edges: [...network.edges, edge] }, select: [edge.target] };
}

export function disconnect(network: Network, ids: readonly string[]): Result {
  const gone = new Set(ids);
  const edges = network.edges.filter((edge) => !gone.has(edgeId(edge)));
  if (edges.length === network.edges.length) return refuse("That connection is no longer there.");
  return { network: { ...network, edges }, select: [] };
}

/** Why an end of a connection can not be moved so; undefined where it can. */
export function refusalToMove(network: Network, from: string, to: Edge, portsOf: PortsOf): string | undefined {
  if (edgeId(to) === from) return undefined;
  return refusal({ ...network, edges: network.edges.filter((edge) => edgeId(edge) !== from) }, to, portsOf);
}

/** Moves one end of a connection, or both, in one gesture; its place among the inputs stays. */
export function reconnect(network: Network, from: string, to: Edge, portsOf: PortsOf): Result {
  const at = network.edges.findIndex((edge) => edgeId(edge) === from);
  if (at < 0) return refuse("That connection is no longer there.");
  if (edgeId(to) === from) return { network, select: [] };
  const reason = refusalToMove(network, from, to, portsOf);
  if (reason) return refuse(reason);
  return {
    network: { ...network, edges: network.edges.map((edge, i) => (i === at ? to : edge)) },
    select: [to.target],
  };
}

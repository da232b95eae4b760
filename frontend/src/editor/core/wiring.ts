/** What is wrong with the connections of a text, before any of it is set into a network. */
import type { Edge, Node, Ports } from "./network";

/** The ports of a kind; null where they depend on the settings, or the kind is not known. */
export type PortsOfKind = (kind: string) => Ports | null;

/** The first fault in words: a connection to nowhere, a port that is not there or taken twice, a cycle. */
export function fault(nodes: readonly Node[], edges: readonly Edge[], ports: PortsOfKind): string | null {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const called = (node: Node): string => `“${(node.label ?? node.id).slice(0, 40)}”`;
  const taken = new Set<string>();
  for (const edge of edges) {
    const [source, target] = [byId.get(edge.source), byId.get(edge.target)];
    if (!source || !target) {
      const lost = (source ? edge.target : edge.source).slice(0, 40);
      return `A connection ends at “${lost}”, and this text has no such layer.`;
    }
    const [from, to] = [ports(source.kind), ports(target.kind)];
    const port = to?.inputs.find((one) => one.name === edge.target_port);
    if (from && !from.outputs.some((one) => one.name === edge.source_port))
      return `${called(source)} has no output “${edge.source_port}”.`;
    if (to && !port) return `${called(target)} has no input “${edge.target_port}”.`;
    const place = `${edge.target}.${edge.target_port}`;
    if (taken.has(place) && port && !port.many)
      return `Two connections lead into the input “${edge.target_port}” of ${called(target)}, which takes one.`;
    taken.add(place);
  }
  const round = inCycle(nodes, edges);
  return round && `${called(round)} feeds itself in a circle: values flow one way.`;
}

/** A node of a cycle; null where there is none. What nothing feeds is taken away until only cycles are left. */
function inCycle(nodes: readonly Node[], edges: readonly Edge[]): Node | null {
  const fed = new Map<string, number>();
  const next = new Map<string, string[]>();
  for (const { source, target } of edges) {
    fed.set(target, (fed.get(target) ?? 0) + 1);
    const behind = next.get(source);
    if (behind) behind.push(target);
    else next.set(source, [target]);
  }
  const free = nodes.filter((node) => !fed.has(node.id)).map((node) => node.id);
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    for (const target of next.get(id) ?? []) {
      const left = (fed.get(target) ?? 1) - 1;
      if (left > 0) fed.set(target, left);
      else {
        fed.delete(target);
        free.push(target);
      }
    }
  }
  return nodes.find((node) => fed.has(node.id)) ?? null;
}

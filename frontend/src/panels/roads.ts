/** The `roads` probe's frame: what passes along both roads of every residual block; cutting one of them. Pure. */
import type { Edge, Experiment } from "../protocol/types";
import type { Frame } from "../stores/frames";

export interface Road {
  /** The node whose output arrives at the addition. */
  arrives: string;
  nodes: string[];
  /** Nothing is computed on it but a factor. */
  plain: boolean;
  signal: number;
  /** Of the gradient that comes back to the fork along this road; null where there is none. */
  gradient: number | null;
}

export interface Junction {
  node: string;
  fork: string | null;
  roads: Road[];
}

type Network = Experiment["network"];

export function readRoads({ header }: Pick<Frame, "header">): Junction[] {
  const found = header.extra["junctions"];
  return Array.isArray(found) ? (found as Junction[]) : [];
}

/** The road that is passed on unchanged, up to a factor, or else has the fewest layers. Undefined where none is left. */
export function shortcutOf({ roads }: Pick<Junction, "roads">): Road | undefined {
  if (roads.length < 2) return roads.find(({ plain, nodes }) => plain && nodes.length > 0);
  return [...roads].sort((a, b) => Number(b.plain) - Number(a.plain) || a.nodes.length - b.nodes.length)[0];
}

/** What a road brings, in a formula: `x`, `0.5 x`, `Wx`, `F(x)`. */
export function roadFormula(road: Road, junction: Junction, network: Network | undefined): string {
  const factors = road.nodes.flatMap((id) => {
    const node = network?.nodes.find((one) => one.id === id);
    return node?.kind === "scale" ? [Number(node.config["factor"] ?? 0.5)] : [];
  });
  if (road.plain && junction.fork !== null)
    return factors.length ? `${factors.reduce((a, b) => a * b, 1)} x`.replace("-", "−") : "x";
  return road === shortcutOf(junction) && junction.roads.length > 1 ? "Wx" : "F(x)";
}

export interface Cut {
  edge: Edge;
  /** Where it stood among the connections. */
  at: number;
  formula: string;
}

/** Without the connection by which a road arrives; null where there is none. */
export function cut(network: Network, junction: string, arrives: string): [Network, Omit<Cut, "formula">] | null {
  const at = network.edges.findIndex(({ source, target }) => source === arrives && target === junction);
  const edge = network.edges[at];
  return edge
    ? [
        { ...network, edges: network.edges.filter((one) => one !== edge) },
        { edge, at },
      ]
    : null;
}

const same = (a: Edge, b: Edge): boolean =>
  a.source === b.source && a.target === b.target && a.source_port === b.source_port && a.target_port === b.target_port;

/** Can it be put back: are both ends still there, and is it not? */
export const missing = ({ edges, nodes }: Network, { edge }: Pick<Cut, "edge">): boolean =>
  !edges.some((one) => same(one, edge)) &&
  [edge.source, edge.target].every((end) => nodes.some(({ id }) => id === end));

export const putBack = (network: Network, { edge, at }: Pick<Cut, "edge" | "at">): Network => ({
  ...network,
  edges: [...network.edges.slice(0, at), edge, ...network.edges.slice(at)],
});

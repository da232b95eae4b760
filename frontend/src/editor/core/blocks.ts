/** A block of the catalogue as ordinary layers, its sizes fitted to what arrives. */
import type { Block } from "../../protocol/report";
import type { Fragment } from "./graft";
import { makeEdge, type Node } from "./network";

type Size = number | string;

/** `{of: "channels", times: 0.25, least: 4}`: a number that depends on the channels that arrive. */
interface Rule {
  of: "channels";
  times?: number;
  least?: number;
}
const isRule = (value: unknown): value is Rule =>
  typeof value === "object" && value !== null && (value as Partial<Rule>).of === "channels";

/** A network of few channels still needs room to work: an identity shortcut keeps what arrives, whatever it is. */
export function valueOf(value: unknown, channels: number): unknown {
  if (!isRule(value)) return value;
  return Math.max(value.least ?? 1, Math.round(channels * (value.times ?? 1)));
}

/** `sizes`: shape of what arrives, without the batch; the first is the channels. */
export function instantiate(block: Block, sizes: readonly Size[]): Fragment & { entry: string[]; exit: string } {
  const channels = typeof sizes[0] === "number" ? sizes[0] : 16;
  const { nodes, edges, entry, exit } = block.fragment;
  const filled: Node[] = nodes.map((node) => ({
    id: node.id,
    kind: node.kind,
    label: node.label ?? null,
    tied: {},
    config: Object.fromEntries(Object.entries(node.config).map(([key, value]) => [key, valueOf(value, channels)])),
  }));
  return {
    nodes: filled,
    edges: edges.map((edge) => makeEdge(edge.source, edge.target, edge.source_port, edge.target_port)),
    parts: { [block.kind]: filled.map((node) => node.id) },
    entry,
    exit,
  };
}

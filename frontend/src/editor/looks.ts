/** What cards and connections show of the experiment and of its last check. */
import { MOST_IN_COLUMN } from "../math/units";
import { dataLook } from "../panels";
import type { NodeReport, Problem } from "../protocol/types";
import { catalogue } from "../stores/catalogue.svelte";
import { run } from "../stores/run.svelte";
import type { Card, Link } from "./cards";
import { editor } from "./document.svelte";
import type { Known } from "./known";
import type { Arrangement, Bend } from "./layout";
import { edgeWidth } from "./signal";

export interface CardLook {
  id: string;
  card: Card;
  /** Whether pictures are drawn, and whether the run computes what they would show. */
  pictured: boolean;
  shape: (number | string)[];
  parameters: number;
  /** No end answers the data yet: what the loss would make of this output is not told. */
  unfinished: boolean;
  /** The shape is of before: what the card reads does not fit now. */
  stale: boolean;
  problem: Problem | null;
}

export interface EdgeLook {
  id: string;
  /** The axes of what flows, one a line: `C 8`, `H 28`, `W 28`. */
  shape: string[];
  /** A line beside it, between the same cards, tells the same shape. */
  told: boolean;
  stale: boolean;
  width: number;
  /** Where the line runs back when the target stands in the next row. */
  turn: number | undefined;
  /** The way around the cards that it passes. */
  bends: readonly Bend[];
  /** Layers that only rearrange numbers and need no card, e.g. flatten. */
  passages: { id: string; name: string }[];
  ends: string;
  /** Every weight is a line of its own. */
  wires: { node: string; sources: number; targets: number } | undefined;
}

export function cardLooks(cards: readonly Card[], live: boolean, known: Known): CardLook[] {
  // What the end lacks is offered above the canvas in one piece.
  const complete = editor.report?.suggestions.some((one) => one.kind === "complete") ?? false;
  const problems = new Map<string, Problem>();
  for (const problem of editor.problems) {
    const atEnd = complete && problem.mend === null && (problem.field?.startsWith("recipe.") ?? false);
    if (problem.node !== null && !atEnd && !problems.has(problem.node)) problems.set(problem.node, problem);
  }
  return cards.map((card) => ({
    id: card.id,
    card,
    pictured: live && !run.composing && (run.nodeReport(card.pictureNode)?.outputs["out"] ?? null) !== null,
    shape: (known.of(card.pictureNode).report?.outputs["out"]?.axes ?? []).map((axis) => axis.size),
    stale: known.of(card.pictureNode).stale,
    unfinished: complete && card.activation !== "",
    parameters: card.nodes.reduce((sum, node) => sum + (known.of(node).report?.parameters ?? 0), 0),
    problem: card.nodes.map((node) => problems.get(node)).find((one) => one !== undefined) ?? null,
  }));
}

/** `signal`: how large the values of each node are. `placed`: where lines run. */
export function edgeLooks(
  links: readonly Link[],
  signal: Readonly<Record<string, number>>,
  placed: Pick<Arrangement, "turns" | "bends"> | null,
  known: Known,
): EdgeLook[] {
  const largest = Math.max(0, ...Object.values(signal));
  const plane = dataLook(run.report?.fields).kind === "plane" && !editor.draft && !run.composing;
  const names = new Map(
    editor.network.nodes.map((node) => [node.id, node.label ?? catalogue.label("layers", node.kind).toLowerCase()]),
  );
  const nameOf = (id = ""): string => names.get(id) ?? id;
  const seen = new Set<string>();
  /** True from the second time on. */
  const again = (key: string): boolean => seen.size === seen.add(key).size;
  const shapeOf = (link: Link): string[] =>
    axesText(known.of(link.carrier).report, link.chain.at(-1)?.source_port ?? "out");
  return links.map((link) => ({
    id: link.id,
    shape: shapeOf(link),
    told: again([link.source, link.target, ...shapeOf(link)].join()),
    stale: known.of(link.carrier).stale,
    width: edgeWidth(signal[link.carrier], largest),
    turn: placed?.turns.get(link.source),
    bends: placed?.bends?.get(link.id) ?? [],
    passages: link.chain.slice(1).map((edge) => ({ id: edge.source, name: nameOf(edge.source) })),
    ends: `${nameOf(link.chain[0]?.source)} and ${nameOf(link.chain.at(-1)?.target)}`,
    wires: plane ? wires(link) : undefined,
  }));
}

function axesText(report: NodeReport | undefined, port: string): string[] {
  const shape = report?.outputs[port] ?? Object.values(report?.outputs ?? {})[0];
  return shape?.axes.map((axis) => `${axis.name} ${axis.size}`) ?? [];
}

/** Few units on either side of a dense layer over the plane: every weight is a line of its own. */
function wires(link: Link): EdgeLook["wires"] {
  const [sources] = run.shapeOf(link.carrier);
  const [targets] = run.shapeOf(link.target);
  const dense = run.info?.experiment.network.nodes.find((one) => one.id === link.target)?.kind === "linear";
  if (!dense || typeof sources !== "number" || typeof targets !== "number") return undefined;
  return Math.max(sources, targets) <= MOST_IN_COLUMN ? { node: link.target, sources, targets } : undefined;
}

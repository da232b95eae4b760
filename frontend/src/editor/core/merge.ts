/**
 * Two networks that were made of one: what either changed is in the result, where the two do not touch. They touch
 * where both changed one layer, one block or one input, or where one needs what the other took away.
 */
import { alike } from "../../protocol/document";
import type { Choice } from "../../protocol/types";
import { type Edge, freshId, idsOf, type Network } from "./network";

export interface Learner {
  network: Network;
  recipe: Choice;
}

/** Everything that either changed since `before`; null where the two touch. */
export function merge(before: Learner, mine: Learner, theirs: Learner): Learner | null {
  const own = renamed(before.network, mine, theirs.network);
  const [old, a, b] = [before.network, own.network, theirs.network];
  const nodes = together(byId(old.nodes), byId(a.nodes), byId(b.nodes));
  const parts = together(old.parts, a.parts, b.parts);
  const edges = together(byInput(old.edges), byInput(a.edges), byInput(b.edges));
  const recipe = together({ recipe: before.recipe }, { recipe: own.recipe }, { recipe: theirs.recipe });
  if (!nodes || !parts || !edges || !recipe?.["recipe"]) return null;
  const network = { nodes: Object.values(nodes), edges: Object.values(edges).flat(), parts };
  return whole(network) ? { network, recipe: recipe["recipe"] } : null;
}

const byId = (nodes: Network["nodes"]): Record<string, Network["nodes"][number]> =>
  Object.fromEntries(nodes.map((node) => [node.id, node]));
/** What each input is fed, in order. */
function byInput(edges: Edge[]): Record<string, Edge[]> {
  const fed: Record<string, Edge[]> = {};
  for (const edge of edges) (fed[`${edge.target}.${edge.target_port}`] ??= []).push(edge);
  return fed;
}

/** Entry by entry what either changed, in the order of theirs and then of what only mine has; null where both changed
 * one entry, and not to the same. */
function together<T>(
  before: Record<string, T>,
  mine: Record<string, T>,
  theirs: Record<string, T>,
): Record<string, T> | null {
  const result: Record<string, T> = {};
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const [old, own, other] = [before[key], mine[key], theirs[key]];
    if (!alike(own, old) && !alike(other, old) && !alike(own, other)) return null;
    const kept = alike(own, old) ? other : own;
    if (kept !== undefined) result[key] = kept;
  }
  return result;
}

/** What connections, blocks and shared weights name is there. */
function whole(network: Network): boolean {
  const ids = idsOf(network);
  const named = [
    ...network.edges.flatMap((edge) => [edge.source, edge.target]),
    ...Object.values(network.parts).flat(),
    ...network.nodes.flatMap((node) => Object.values(node.tied).map((place) => place.split(".")[0] ?? "")),
  ];
  return named.every((id) => ids.has(id));
}

/** Mine, with other ids for the layers that theirs happened to name alike: both windows call a new layer `dropout1`. */
function renamed(before: Network, mine: Learner, theirs: Network): Learner {
  const old = idsOf(before);
  const other = idsOf(theirs);
  const taken = new Set([...old, ...other, ...idsOf(mine.network)]);
  const names = new Map<string, string>();
  for (const { id } of mine.network.nodes)
    if (!old.has(id) && other.has(id)) names.set(id, freshId(taken, id.replace(/\d+$/, "")));
  if (names.size === 0) return mine;
  const to = (id: string): string => names.get(id) ?? id;
  const place = (text: string): string => {
    const [id = "", ...rest] = text.split(".");
    return [to(id), ...rest].join(".");
  };
  const { nodes, edges, parts } = mine.network;
  const network: Network = {
    nodes: nodes.map((node) => ({
      ...node,
      id: to(node.id),
      tied: Object.fromEntries(Object.entries(node.tied).map(([key, text]) => [key, place(text)])),
    })),
    edges: edges.map((edge) => ({ ...edge, source: to(edge.source), target: to(edge.target) })),
    parts: Object.fromEntries(Object.entries(parts).map(([name, ids]) => [name, ids.map(to)])),
  };
  const output = mine.recipe.config["output"];
  const recipe =
    typeof output === "string" && names.has(output)
      ? { ...mine.recipe, config: { ...mine.recipe.config, output: to(output) } }
      : mine.recipe;
  return { network, recipe };
}

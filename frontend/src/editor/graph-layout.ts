/** Graphs that branch: dagre lays out every piece, pieces that follow one another stand in rows like a chain. */
import { type Area, type Arrangement, type Bend, layoutChain, NARROWEST_GAP, type Place, type Size } from "./layout";

interface Ends {
  /** Names the way that the line takes, where it has a name. */
  id?: string;
  source: string;
  target: string;
}

export interface Frame {
  name: string;
  members: readonly string[];
}

/**
 * Cuts a graph where a single connection holds it together: pieces that follow one another like the cards of a chain.
 * Null where nothing can be cut, or where cards are not connected. A block is never cut.
 */
export function piecesOf(
  ids: readonly string[],
  links: readonly Ends[],
  frames: readonly Frame[] = [],
): string[][] | null {
  const waiting = new Map(ids.map((id) => [id, 0]));
  for (const { target } of links) waiting.set(target, (waiting.get(target) ?? 0) + 1);
  const ready = ids.filter((id) => waiting.get(id) === 0);
  if (ready.length !== 1) return null;
  const order: string[] = [];
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    order.push(id);
    for (const { source, target } of links) {
      if (source !== id) continue;
      const left = (waiting.get(target) ?? 0) - 1;
      waiting.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  if (order.length < ids.length) return null;
  const at = new Map(order.map((id, i) => [id, i]));
  const crossing = new Array<number>(order.length).fill(0);
  const cover = (from: number, to: number, by: number): void => {
    for (let i = from; i < to; i++) crossing[i] = (crossing[i] ?? 0) + by;
  };
  // Two connections between the same cards, as into a closed residual block, hold it together like one.
  const ways = new Set(links.map(({ source, target }) => `${at.get(source) ?? 0} ${at.get(target) ?? 0}`));
  for (const [from = 0, to = 0] of [...ways].map((way) => way.split(" ").map(Number))) cover(from, to, 1);
  for (const { members } of frames) {
    const places = members.map((id) => at.get(id) ?? 0);
    cover(Math.min(...places), Math.max(...places), 2);
  }
  const pieces: string[][] = [[]];
  for (const [i, id] of order.entries()) {
    pieces.at(-1)?.push(id);
    if (crossing[i] === 1 && i < order.length - 1) pieces.push([]);
  }
  return pieces.length > 1 ? pieces : null;
}

/** A graph that branches here and there: its pieces in rows, each laid out by itself. */
export async function layoutPieces(
  sizes: readonly Size[],
  links: readonly Ends[],
  frames: readonly Frame[],
  area: Area,
): Promise<Arrangement> {
  const pieces = piecesOf(
    sizes.map((size) => size.id),
    links,
    frames,
  );
  if (!pieces) return layoutGraph(sizes, links, frames);
  const byId = new Map(sizes.map((size) => [size.id, size]));
  const inner = await Promise.all(
    pieces.map((piece) => {
      const inside = new Set(piece);
      return layoutGraph(
        piece.map((id) => byId.get(id)).filter((size) => size !== undefined),
        links.filter((link) => inside.has(link.source) && inside.has(link.target)),
        frames.filter((frame) => frame.members.every((id) => inside.has(id))),
      );
    }),
  );
  const boxes = inner.map(({ width, height }, i) => ({ id: String(i), width, height }));
  const rows = layoutChain(boxes, area);
  const places = new Map<string, Place>();
  const turns = new Map<string, number>();
  const bends = new Map<string, readonly Bend[]>();
  for (const [i, piece] of pieces.entries()) {
    const corner = rows.places.get(String(i)) ?? { x: 0, y: 0 };
    for (const id of piece) {
      const place = inner[i]?.places.get(id);
      if (place) places.set(id, { x: corner.x + place.x, y: corner.y + place.y });
      const turn = rows.turns.get(String(i));
      if (turn !== undefined) turns.set(id, turn);
    }
    for (const [id, ways] of inner[i]?.bends ?? [])
      bends.set(
        id,
        ways.map(({ from, to, y }) => ({ from: corner.x + from, to: corner.x + to, y: corner.y + y })),
      );
  }
  return { places, turns, bends, width: rows.width, height: rows.height };
}

/** What was laid out lately: after an edit most pieces are as they were, and dagre takes a millisecond per card. */
const kept = new Map<string, Arrangement>();
const MOST_KEPT = 500;

/** Any other graph, in layers from left to right; cards of one block stand together. */
export async function layoutGraph(
  sizes: readonly Size[],
  links: readonly Ends[],
  frames: readonly Frame[] = [],
): Promise<Arrangement> {
  const ends = links.map(({ id, source, target }) => [id, source, target]);
  const key = JSON.stringify([sizes.map(({ id, width, height }) => [id, width, height]), ends, frames]);
  const known = kept.get(key);
  if (known) return known;
  const found = await compute(sizes, links, frames);
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(key, found);
  return found;
}

async function compute(sizes: readonly Size[], links: readonly Ends[], frames: readonly Frame[]): Promise<Arrangement> {
  const [only] = sizes;
  if (only && sizes.length === 1 && frames.length === 0) {
    return { places: new Map([[only.id, { x: 0, y: 0 }]]), turns: new Map(), width: only.width, height: only.height };
  }
  const { Graph, layout } = await import("@dagrejs/dagre");
  const graph = new Graph({ multigraph: true, compound: true });
  graph.setGraph({ rankdir: "LR", ranksep: NARROWEST_GAP + 16, nodesep: 24 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of sizes) graph.setNode(id, { width, height });
  // The innermost block of a card is its parent; a larger one is the parent of that.
  const inner = [...frames].sort((a, b) => b.members.length - a.members.length);
  for (const frame of inner) graph.setNode(frameId(frame.name), {});
  for (const [i, frame] of inner.entries()) {
    const outer = inner.slice(0, i).findLast((other) => frame.members.every((id) => other.members.includes(id)));
    if (outer) graph.setParent(frameId(frame.name), frameId(outer.name));
    for (const id of frame.members) if (graph.hasNode(id)) graph.setParent(id, frameId(frame.name));
  }
  for (const [i, { source, target }] of links.entries()) graph.setEdge(source, target, {}, String(i));
  layout(graph);
  const places = new Map<string, Place>();
  const columns = new Map<number, { from: number; to: number }>();
  for (const { id, width, height } of sizes) {
    const { x, y } = graph.node(id) as unknown as Place;
    places.set(id, { x: x - width / 2, y: y - height / 2 });
    const column = columns.get(Math.round(x)) ?? { from: x, to: x };
    columns.set(Math.round(x), {
      from: Math.min(column.from, x - width / 2),
      to: Math.max(column.to, x + width / 2),
    });
  }
  const bends = new Map<string, readonly Bend[]>();
  for (const [i, { id, source, target }] of links.entries()) {
    const { points } = graph.edge({ v: source, w: target, name: String(i) }) as unknown as { points: Place[] };
    // The first and the last lie at the cards themselves; between two columns there is nothing to pass.
    const passed = points.slice(1, -1).flatMap(({ x, y }) => {
      const column = columns.get(Math.round(x));
      return column ? [{ ...column, y }] : [];
    });
    if (id !== undefined && passed.length > 0) bends.set(id, joined(passed));
  }
  return framed(sizes, places, bends);
}

/** Neighbours at the same height are one. */
function joined(bends: readonly Bend[]): Bend[] {
  const found: Bend[] = [];
  for (const bend of bends) {
    const last = found.at(-1);
    if (last && Math.abs(last.y - bend.y) < 1) last.to = bend.to;
    else found.push({ ...bend });
  }
  return found;
}

/** Lines that pass above or below all cards belong to the picture: it begins at 0 with them. */
function framed(
  sizes: readonly Size[],
  places: ReadonlyMap<string, Place>,
  bends: ReadonlyMap<string, readonly Bend[]>,
): Arrangement {
  const heights = [...bends.values()].flat().map((bend) => bend.y);
  const top = Math.min(...heights, ...[...places.values()].map((place) => place.y));
  const moved = new Map([...places].map(([id, { x, y }]) => [id, { x, y: y - top }]));
  const ways = new Map([...bends].map(([id, all]) => [id, all.map((bend) => ({ ...bend, y: bend.y - top }))]));
  const reach = (side: "x" | "y", length: "width" | "height"): number[] =>
    sizes.map((size) => (moved.get(size.id)?.[side] ?? 0) + size[length]);
  const width = Math.max(0, ...reach("x", "width"));
  const height = Math.max(0, ...reach("y", "height"), ...heights.map((y) => y - top));
  return { places: moved, turns: new Map(), bends: ways, width, height };
}

export const frameId = (name: string): string => `frame:${name}`;

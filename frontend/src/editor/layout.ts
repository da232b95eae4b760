/** Where the cards stand: a chain runs from left to right and wraps into rows, anything else is laid out by dagre. */
export interface Size {
  id: string;
  width: number;
  height: number;
}

export interface Place {
  x: number;
  y: number;
}

export interface Arrangement {
  places: Map<string, Place>;
  /** By the last card of a row: how far down the line to the next row runs back. */
  turns: Map<string, number>;
  width: number;
  height: number;
}

export interface Area {
  width: number;
  height: number;
}

const NARROWEST_GAP = 38;
const WIDEST_GAP = 84;
const ROW_GAP = 44;
/** A row more must make everything this much larger. */
const WORTH_A_ROW = 1.15;
/** Small networks are enlarged, but not beyond this. */
const LARGEST = 1.35;
/** Beside the cards of several rows, for the lines that run back. */
const SIDE = 22;

/** The cards in order if every one has at most one neighbour on each side, and all hang together. */
export function chainOf(ids: readonly string[], links: readonly { source: string; target: string }[]): string[] | null {
  const next = new Map(links.map((link) => [link.source, link.target]));
  const targets = new Set(links.map((link) => link.target));
  if (links.length !== ids.length - 1 || next.size !== links.length || targets.size !== links.length) return null;
  const chain: string[] = [];
  for (let id = ids.find((candidate) => !targets.has(candidate)); id !== undefined; id = next.get(id)) chain.push(id);
  return chain.length === ids.length ? chain : null;
}

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);

/** Splits into `count` rows of about the same width. */
function split(sizes: readonly Size[], count: number): Size[][] {
  const rows: Size[][] = Array.from({ length: count }, () => []);
  const whole = sum(sizes.map((size) => size.width + NARROWEST_GAP));
  let done = 0;
  for (const size of sizes) {
    const middle = done + size.width / 2;
    rows[Math.min(count - 1, Math.floor((middle / whole) * count))]?.push(size);
    done += size.width + NARROWEST_GAP;
  }
  return rows.filter((row) => row.length > 0);
}

const rowWidth = (row: Size[], gap: number): number => sum(row.map((size) => size.width)) + gap * (row.length - 1);
const sideOf = (rows: Size[][]): number => (rows.length > 1 ? 2 * SIDE : 0);
const rowHeight = (row: Size[]): number => Math.max(...row.map((size) => size.height));

/** How large the picture can be shown in the area. */
export function fit(of: { width: number; height: number }, area: Area): number {
  return Math.min(LARGEST, area.width / Math.max(1, of.width), area.height / Math.max(1, of.height));
}

/** Rows from left to right, as many as show the cards largest; gaps grow to fill the width. */
export function layoutChain(sizes: readonly Size[], area: Area): Arrangement {
  let best: { rows: Size[][]; zoom: number } | undefined;
  for (let count = 1; count <= Math.min(4, sizes.length); count++) {
    const rows = split(sizes, count);
    const width = Math.max(...rows.map((row) => rowWidth(row, NARROWEST_GAP))) + sideOf(rows);
    const height = sum(rows.map(rowHeight)) + ROW_GAP * (rows.length - 1);
    const zoom = fit({ width, height }, area);
    if (!best || zoom > best.zoom * WORTH_A_ROW) best = { rows, zoom };
  }
  const { rows, zoom } = best ?? { rows: [], zoom: 1 };
  const places = new Map<string, Place>();
  const turns = new Map<string, number>();
  const widest = Math.max(0, ...rows.map((row) => rowWidth(row, NARROWEST_GAP)));
  const side = sideOf(rows);
  const wanted = Math.max(widest, area.width / zoom - side);
  const gap = Math.min(
    WIDEST_GAP,
    ...rows.filter((row) => row.length > 1).map((row) => (wanted - rowWidth(row, 0)) / (row.length - 1)),
  );
  let top = 0;
  for (const row of rows) {
    const height = rowHeight(row);
    let left = side / 2;
    for (const size of row) {
      places.set(size.id, { x: left, y: top + (height - size.height) / 2 });
      left += size.width + gap;
    }
    turns.set(row.at(-1)?.id ?? "", top + height + ROW_GAP / 2);
    top += height + ROW_GAP;
  }
  return {
    places,
    turns,
    width: Math.max(0, ...rows.map((row) => rowWidth(row, gap))) + side,
    height: Math.max(0, top - ROW_GAP),
  };
}

/** Any other graph, in layers from left to right. */
export async function layoutGraph(
  sizes: readonly Size[],
  links: readonly { source: string; target: string }[],
): Promise<Arrangement> {
  const { Graph, layout } = await import("@dagrejs/dagre");
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", ranksep: NARROWEST_GAP + 16, nodesep: 24 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of sizes) graph.setNode(id, { width, height });
  for (const [i, { source, target }] of links.entries()) graph.setEdge(source, target, {}, String(i));
  layout(graph);
  const places = new Map<string, Place>();
  let right = 0;
  let bottom = 0;
  for (const { id, width, height } of sizes) {
    const { x, y } = graph.node(id) as unknown as Place;
    places.set(id, { x: x - width / 2, y: y - height / 2 });
    right = Math.max(right, x + width / 2);
    bottom = Math.max(bottom, y + height / 2);
  }
  return { places, turns: new Map(), width: right, height: bottom };
}

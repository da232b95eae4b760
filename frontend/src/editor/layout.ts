/** Where the cards stand: a chain runs from left to right and wraps into rows, placed cards stay where they are. */
export interface Size {
  id: string;
  width: number;
  height: number;
}

export interface Place {
  x: number;
  y: number;
}

/** Where a line passes cards that it does not belong to: level at that height, from the left to the right of them. */
export interface Bend {
  from: number;
  to: number;
  y: number;
}

export interface Arrangement {
  places: Map<string, Place>;
  /** By the last card of a row: how far down the line to the next row runs back. */
  turns: Map<string, number>;
  /** By connection: the way around the cards that it passes. Only automatic layouts know one. */
  bends?: Map<string, readonly Bend[]>;
  width: number;
  height: number;
  /** Where it begins, 0 where left out. */
  left?: number;
  top?: number;
}

export interface Area {
  width: number;
  height: number;
}

export const NARROWEST_GAP = 46;
const WIDEST_GAP = 84;
const ROW_GAP = 44;
/** A row more must make everything this much larger. */
const WORTH_A_ROW = 1.15;
/** Small networks are enlarged, but not beyond this. */
const LARGEST = 1.35;
const MOST_ROWS = 16;
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
  for (let count = 1; count <= Math.min(MOST_ROWS, sizes.length); count++) {
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

/** Where cards stand that somebody has placed; one without a place goes beside the card that it reads. */
export function layoutPlaced(
  sizes: readonly Size[],
  links: readonly { source: string; target: string }[],
  placed: Readonly<Record<string, readonly [number, number]>>,
): Arrangement {
  const byId = new Map(sizes.map((size) => [size.id, size]));
  const places = new Map<string, Place>();
  // From above: a card that has grown since it was put there, by a picture or a message, pushes those below it down.
  const put = sizes.flatMap((size) => (placed[size.id] ? [{ size, at: placed[size.id] as [number, number] }] : []));
  for (const { size, at } of put.sort((a, b) => a.at[1] - b.at[1])) {
    places.set(size.id, clear({ x: at[0], y: at[1] }, size, places, byId, 0));
  }
  for (const size of sizes) {
    if (places.has(size.id)) continue;
    const source = links.find((link) => link.target === size.id && places.has(link.source))?.source;
    const target = links.find((link) => link.source === size.id && places.has(link.target))?.target;
    const from = places.get(source ?? "");
    const to = places.get(target ?? "");
    const beside = from ? { x: from.x + (byId.get(source ?? "")?.width ?? 0) + NARROWEST_GAP, y: from.y } : undefined;
    const before = to ? { x: to.x - size.width - NARROWEST_GAP, y: to.y } : undefined;
    const wanted = beside ?? before ?? { x: 0, y: Math.max(0, ...[...places.values()].map((place) => place.y)) + 160 };
    places.set(size.id, clear(wanted, size, places, byId));
  }
  const left = Math.min(...[...places.values()].map((place) => place.x));
  const top = Math.min(...[...places.values()].map((place) => place.y));
  return {
    places,
    turns: new Map(),
    left,
    top,
    width: Math.max(...sizes.map((size) => (places.get(size.id)?.x ?? 0) + size.width)) - left,
    height: Math.max(...sizes.map((size) => (places.get(size.id)?.y ?? 0) + size.height)) - top,
  };
}

/** The place, moved down until no other card is there or closer than `room`. */
function clear(
  wanted: Place,
  size: Size,
  places: ReadonlyMap<string, Place>,
  byId: ReadonlyMap<string, Size>,
  room = 12,
): Place {
  const place = { ...wanted };
  for (let tries = 0; tries < 50; tries++) {
    const hit = [...places].find(([id, other]) => {
      const its = byId.get(id);
      return (
        its &&
        place.x < other.x + its.width + room &&
        other.x < place.x + size.width + room &&
        place.y < other.y + its.height + room &&
        other.y < place.y + size.height + room
      );
    });
    if (!hit) break;
    place.y = hit[1].y + (byId.get(hit[0])?.height ?? 0) + 24;
  }
  return place;
}

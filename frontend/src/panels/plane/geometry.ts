/** Where the columns, neurons and connections of a playground lie, in CSS pixels. Pure. */
import type { PlayModel } from "./model";

export interface Spot {
  /** Middle and side of a neuron's picture. */
  x: number;
  y: number;
  side: number;
}

export interface Layout {
  /** Inputs first, output last. */
  columns: { x: number; width: number; spots: Spot[] }[];
  width: number;
  height: number;
  side: number;
}

/** One connection: from unit `from` of a column to unit `to` of the next. */
export interface Wire {
  /** Number of the layer that it leads into. */
  layer: number;
  from: number;
  to: number;
  /** Place of its weight in the layer's row-by-row matrix. */
  index: number;
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

const LARGEST = 56;
const SMALLEST = 20;
const GAP = 9;
/** Beside the pictures of the inputs stand their names. */
export const NAME_WIDTH = 40;
const NARROWEST = 76;

/** `head`: what stands above each column. The picture may be wider than the place (it scrolls). */
export function layoutPlay(model: PlayModel, area: { width: number; height: number }, head: number): Layout {
  const counts = [model.inputs.length, ...model.layers.map((layer) => layer.units)];
  const most = Math.max(...counts);
  const pitch = Math.max(SMALLEST + 5, Math.min(LARGEST + GAP, (area.height - head - 10) / most));
  const side = Math.floor(Math.min(LARGEST, pitch - Math.min(GAP, pitch * 0.2)));
  const width = Math.max(area.width, NAME_WIDTH + counts.length * NARROWEST);
  const height = Math.max(area.height, head + most * pitch + 10);
  const each = (width - NAME_WIDTH) / counts.length;
  const middle = head + (height - head - 10) / 2;
  const columns = counts.map((count, column) => {
    const x = NAME_WIDTH + each * (column + 0.5);
    const own = column === counts.length - 1 ? Math.min(side * 1.5, each - 16, (height - head) / count - 6) : side;
    const step = column === counts.length - 1 ? Math.max(pitch, own + 6) : pitch;
    const spots = Array.from({ length: count }, (_, i) => ({ x, y: middle + (i - (count - 1) / 2) * step, side: own }));
    return { x, width: each, spots };
  });
  return { columns, width, height, side };
}

/** Every connection; those of inputs that are off are not there. */
export function wiresOf(model: PlayModel, layout: Layout): Wire[] {
  const wires: Wire[] = [];
  for (const [layer, { units }] of model.layers.entries()) {
    const sources = layout.columns[layer]?.spots ?? [];
    const targets = layout.columns[layer + 1]?.spots ?? [];
    const places = layer === 0 ? model.inputs.map((input) => input.index) : sources.map((_, i) => i);
    const inputs = places.filter((place) => place >= 0).length;
    for (let to = 0; to < units; to++)
      for (const [from, place] of places.entries()) {
        const [a, b] = [sources[from], targets[to]];
        if (place < 0 || !a || !b) continue;
        const ends = { x0: a.x + a.side / 2, y0: a.y, x1: b.x - b.side / 2, y1: b.y };
        wires.push({ layer, from, to, index: to * inputs + place, ...ends });
      }
  }
  return wires;
}

/** A place on the curve of a wire, `t` from 0 to 1. */
export function along(wire: Wire, t: number): [x: number, y: number] {
  const bend = (wire.x0 + wire.x1) / 2;
  const [u, v] = [1 - t, t];
  const x = u * u * u * wire.x0 + 3 * u * v * bend + v * v * v * wire.x1;
  const y = u * u * (u + 3 * v) * wire.y0 + v * v * (v + 3 * u) * wire.y1;
  return [x, y];
}

/** The wire nearest to a place, within `reach` pixels. */
export function wireAt(wires: readonly Wire[], x: number, y: number, reach: number): Wire | null {
  let best: Wire | null = null;
  let least = reach * reach;
  for (const wire of wires) {
    if (x < wire.x0 - reach || x > wire.x1 + reach) continue;
    const distance = distanceTo(wire, x, y);
    if (distance <= least) [best, least] = [wire, distance];
  }
  return best;
}

const PIECES = 16;

/** Square of the distance to the curve, taken as a line of short pieces. */
function distanceTo(wire: Wire, x: number, y: number): number {
  let least = Infinity;
  let [ax, ay] = along(wire, 0);
  for (let i = 1; i <= PIECES; i++) {
    const [bx, by] = along(wire, i / PIECES);
    const [dx, dy] = [bx - ax, by - ay];
    const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
    least = Math.min(least, (ax + t * dx - x) ** 2 + (ay + t * dy - y) ** 2);
    [ax, ay] = [bx, by];
  }
  return least;
}

/** Pictures over a plane of two inputs: colours, the line where a value is zero, and which point is near. Pure. */
import { linear, type Scale } from "./scales";
import { entry, type Tables } from "./tables";
import { length, valueAt, type Values } from "./values";

/** Where the plane lies in a square picture of `side` pixels: `lo`..`hi` both ways, upwards is up. */
export interface PlaneScale {
  x: Scale;
  y: Scale;
}

export function planeScale(lo: number, hi: number, side: number): PlaneScale {
  return { x: linear([lo, hi], [0, side]), y: linear([lo, hi], [side, 0]) };
}

/** Pixels of quantised bytes of lo..hi, coloured so that ±`reach` are the strongest colours. */
export function reachTable(tables: Tables, lo: number, hi: number, reach: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    const value = lo + (byte / 255) * (hi - lo);
    return tables.signed[entry("signed", value, -reach, reach)] ?? 0;
  });
}

/** A piece of a line, in cells: cell (0, 0) has its middle at (0.5, 0.5), left and above. */
export type Segment = readonly [x0: number, y0: number, x1: number, y1: number];

/**
 * Where the values of a square grid pass through `level`, by marching squares (Lorensen, Cline 1987, in two dimensions);
 * saddles are cut by the mean of their corners. `start` is the first value of the map.
 */
export function zeroLine(values: Values, size: number, start = 0, level = 0): Segment[] {
  const segments: Segment[] = [];
  const row = (y: number): Float64Array =>
    Float64Array.from({ length: size }, (_, x) => valueAt(values, start + y * size + x) - level);
  let above = row(0);
  for (let y = 0; y + 1 < size; y++) {
    const below = row(y + 1);
    for (let x = 0; x + 1 < size; x++) {
      const [a, b, c, d] = [above[x] as number, above[x + 1] as number, below[x + 1] as number, below[x] as number];
      const positive = a >= 0;
      if (positive === b >= 0 && positive === c >= 0 && positive === d >= 0) continue;
      crossings(x + 0.5, y + 0.5, [a, b, c, d], segments);
    }
    above = below;
  }
  return segments;
}

/** At every place the class with the largest value, and by how much of 0..1 it is more probable than by chance. */
export function winners(values: Values, size: number): { winner: Uint8Array; sure: Float32Array } {
  const places = size * size;
  const classes = Math.max(1, Math.floor(length(values) / places));
  const winner = new Uint8Array(places);
  const sure = new Float32Array(places);
  for (let i = 0; i < places; i++) {
    let most = -Infinity;
    for (let k = 0; k < classes; k++) {
      const value = valueAt(values, k * places + i);
      if (value > most) [most, winner[i]] = [value, k];
    }
    sure[i] = Math.max(0, Math.min(1, (most * classes - 1) / Math.max(1, classes - 1)));
  }
  return { winner, sure };
}

/** Where one class takes over from another: by marching squares on how far each is ahead of the best of the rest. */
export function classLines(values: Values, size: number, winner: Uint8Array): Segment[] {
  const segments: Segment[] = [];
  const places = size * size;
  const classes = Math.floor(length(values) / places);
  const ahead = (k: number, i: number): number => {
    let rest = -Infinity;
    for (let j = 0; j < classes; j++) if (j !== k) rest = Math.max(rest, valueAt(values, j * places + i));
    return valueAt(values, k * places + i) - rest;
  };
  for (let y = 0; y + 1 < size; y++)
    for (let x = 0; x + 1 < size; x++) {
      const corners = [y * size + x, y * size + x + 1, (y + 1) * size + x + 1, (y + 1) * size + x];
      const found = new Set(corners.map((i) => winner[i] ?? 0));
      if (found.size === 1) continue;
      // Two classes share one line; where three meet, each has its own.
      for (const k of found.size === 2 ? [...found].slice(0, 1) : found) {
        const [a = 0, b = 0, c = 0, d = 0] = corners.map((i) => (winner[i] === k ? 1 : -1) * Math.abs(ahead(k, i)));
        crossings(x + 0.5, y + 0.5, [a, b, c, d], segments);
      }
    }
  return segments;
}

/** The four corners clockwise from the upper left. */
function crossings(x: number, y: number, [a, b, c, d]: [number, number, number, number], into: Segment[]): void {
  const cut = (from: number, to: number): number => from / (from - to);
  const places: [number, number][] = [];
  if (a >= 0 !== b >= 0) places.push([x + cut(a, b), y]);
  if (b >= 0 !== c >= 0) places.push([x + 1, y + cut(b, c)]);
  if (c >= 0 !== d >= 0) places.push([x + 1 - cut(c, d), y + 1]);
  if (d >= 0 !== a >= 0) places.push([x, y + 1 - cut(d, a)]);
  const join = (i: number, j: number): void => {
    const [from, to] = [places[i], places[j]];
    if (from && to) into.push([...from, ...to]);
  };
  if (places.length < 4) return join(0, 1);
  const middle = (a + b + c + d) / 4 >= 0;
  if (middle === a >= 0) {
    join(0, 1);
    join(2, 3);
  } else {
    join(3, 0);
    join(1, 2);
  }
}

export interface PlanePoint {
  x: number;
  y: number;
  /** Number of its class, or its value. */
  target: number;
  /** What the network says: −1..1 for two classes, else a value. */
  said: number;
}

/** Rows of x₁, x₂, target and what is said. */
export function readPoints(floats: ArrayLike<number> | null): PlanePoint[] {
  if (!floats) return [];
  return Array.from({ length: Math.floor(floats.length / 4) }, (_, i) => ({
    x: floats[4 * i] ?? NaN,
    y: floats[4 * i + 1] ?? NaN,
    target: floats[4 * i + 2] ?? NaN,
    said: floats[4 * i + 3] ?? NaN,
  }));
}

/** Index of the point nearest to a place in pixels, within `reach` pixels; null for none. */
export function nearest(
  points: readonly PlanePoint[],
  scale: PlaneScale,
  x: number,
  y: number,
  reach: number,
): number | null {
  let best: number | null = null;
  let least = reach * reach;
  points.forEach((point, i) => {
    const distance = (scale.x(point.x) - x) ** 2 + (scale.y(point.y) - y) ** 2;
    if (distance <= least) {
      least = distance;
      best = i;
    }
  });
  return best;
}

/** The nearest point in a direction (right, left, up or down on the screen), for the arrow keys; null for none. */
export function nextPoint(
  points: readonly PlanePoint[],
  scale: PlaneScale,
  from: { x: number; y: number },
  [right, down]: readonly [number, number],
): number | null {
  let best: number | null = null;
  let least = Infinity;
  points.forEach((point, i) => {
    const [dx, dy] = [scale.x(point.x) - from.x, scale.y(point.y) - from.y];
    const forward = dx * right + dy * down;
    const aside = Math.abs(dx * down) + Math.abs(dy * right);
    if (forward < 0.5 || aside > 2 * forward) return;
    const distance = forward + 2 * aside;
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}

/** Largest size among numbers, at least a little, for the strongest colour. */
export const reachOf = (values: Iterable<number>): number => {
  let reach = 1e-9;
  for (const value of values) if (Number.isFinite(value)) reach = Math.max(reach, Math.abs(value));
  return reach;
};

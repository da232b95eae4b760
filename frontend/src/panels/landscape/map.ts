/** A landscape as a map: bands of height, lines of equal height, ways. Pure. */
import { numbersIn, textIn, type Extra } from "../../math/extra";
import { type Segment, zeroLine } from "../../math/plane";
import { linear, type Scale } from "../../math/scales";

export interface Landscape {
  surface: string;
  formula: string;
  size: number;
  heights: Float32Array;
  lowest: number;
  /** left, right, bottom, top */
  box: [number, number, number, number];
  start: [number, number];
  minima: [number, number][];
}

export interface Way {
  x: number;
  y: number;
}

const LINES = 14;

const pair = (value: unknown): [number, number][] =>
  Array.isArray(value) && typeof value[0] === "number" && typeof value[1] === "number" ? [[value[0], value[1]]] : [];

export function readLandscape(floats: Float32Array | null, size: number, extra: Extra): Landscape | null {
  const [left, right, bottom, top] = numbersIn(extra, "box");
  if (!floats || floats.length !== size * size || left === undefined || right === undefined) return null;
  if (bottom === undefined || top === undefined) return null;
  const heights = floats.slice();
  return {
    surface: textIn(extra, "surface"),
    formula: textIn(extra, "formula"),
    size,
    heights,
    lowest: heights.reduce((least, height) => Math.min(least, height), Infinity),
    box: [left, right, bottom, top],
    start: pair(extra["start"])[0] ?? [0, 0],
    minima: Array.isArray(extra["minima"]) ? extra["minima"].flatMap(pair) : [],
  };
}

/** Ways of the lanes, (lane, place, 2) one after the other. */
export function readWays(floats: Float32Array | null, shape: readonly number[]): Way[][] {
  const [lanes = 0, places = 0] = shape;
  return Array.from({ length: lanes }, (_, lane) =>
    Array.from({ length: places }, (_, i) => {
      const at = 2 * (lane * places + i);
      return { x: floats?.[at] ?? NaN, y: floats?.[at + 1] ?? NaN };
    }),
  );
}

/** How deep a height lies between the lowest and the highest, 0..1, by its logarithm: valleys are what matters. */
export function depth(map: Landscape): (height: number) => number {
  const highest = map.heights.reduce((most, height) => Math.max(most, height), -Infinity);
  const unit = Math.max(1e-9, (highest - map.lowest) / 1000);
  const full = Math.log1p((highest - map.lowest) / unit) || 1;
  return (height) => Math.max(0, Math.log1p(Math.max(0, height - map.lowest) / unit) / full);
}

/** Lines of equal height, evenly by depth, in cells of the grid. */
export function contours(map: Landscape): Segment[][] {
  const deep = depth(map);
  const floats = map.heights.map(deep);
  return Array.from({ length: LINES }, (_, i) => {
    const level = (i + 1) / (LINES + 1);
    const shifted = {
      shape: [map.size, map.size],
      axes: [],
      lo: 0,
      hi: 1,
      bytes: null,
      floats: floats.map((v) => v - level),
    };
    return zeroLine(shifted, map.size);
  });
}

export interface MapScale {
  x: Scale;
  y: Scale;
}

export const mapScale = ({ box: [left, right, bottom, top] }: Landscape, side: number): MapScale => ({
  x: linear([left, right], [0, side]),
  y: linear([bottom, top], [side, 0]),
});

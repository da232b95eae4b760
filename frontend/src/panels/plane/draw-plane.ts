/** The large picture over the plane: surface, borders, points. Draws in CSS pixels on a scaled context. */
import { type ClassStyle, shapePath, type Shape } from "../../math/classes";
import { css, fromLab, mix, pack, parseColor, toLab, unpack } from "../../math/color";
import { planeScale, reachTable, type PlanePoint, type Segment } from "../../math/plane";
import { entry, type Tables } from "../../math/tables";
import type { Values } from "../../math/values";

export interface PlaneLook {
  lo: number;
  hi: number;
  /** The value with the strongest colour. */
  reach: number;
  ink: string;
  paper: string;
  /** How each class is drawn; empty where numbers are predicted. */
  classes: readonly ClassStyle[];
  accent: string;
}

export interface PlanePoints {
  points: readonly PlanePoint[];
  hollow: boolean;
  /** The chosen point, if it is among these. */
  chosen: number | null;
  /** The point under the pointer. */
  hover: number | null;
}

const paths = new Map<Shape, Path2D>();
const RADIUS = 3.6;

function path(shape: Shape): Path2D {
  const known = paths.get(shape) ?? new Path2D(shapePath(shape));
  paths.set(shape, known);
  return known;
}

/** The values of one map as pixels; `image` is size × size. */
export function fillSurface(image: ImageData, values: Values, tables: Tables, reach: number): void {
  const pixels = new Uint32Array(image.data.buffer);
  const table = reachTable(tables, values.lo, values.hi, reach);
  const bytes = values.bytes;
  if (bytes) for (let i = 0; i < pixels.length; i++) pixels[i] = table[bytes[i] ?? 0] ?? 0;
}

const SHADES = 32;

/** The colour of each class from "by chance" to "surely", packed. */
export function shadesOf(looks: readonly ClassStyle[], paper: string): Uint32Array[] {
  const from = toLab(parseColor(paper));
  return looks.map(({ color }) => {
    const to = toLab(parseColor(color));
    return Uint32Array.from({ length: SHADES }, (_, i) => pack(fromLab(mix(from, to, 0.12 + 0.88 * (i / 31)))));
  });
}

/** Each place in the colour of its class, as strong as it is sure. */
export function fillWinners(
  image: ImageData,
  winner: Uint8Array,
  sure: Float32Array,
  shades: readonly Uint32Array[],
): void {
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) {
    const shade = Math.round((SHADES - 1) * (sure[i] ?? 0));
    pixels[i] = shades[winner[i] ?? 0]?.[shade] ?? 0;
  }
}

export function drawLines(
  g: CanvasRenderingContext2D,
  lines: readonly Segment[],
  size: number,
  side: number,
  ink: string,
  width = 1.5,
): void {
  const cell = side / size;
  g.strokeStyle = ink;
  g.lineWidth = width;
  g.lineCap = "round";
  g.beginPath();
  for (const [x0, y0, x1, y1] of lines) {
    g.moveTo(x0 * cell, y0 * cell);
    g.lineTo(x1 * cell, y1 * cell);
  }
  g.stroke();
}

/** The surface is paler than the data on it: this share of its colour. */
export const SURFACE = 0.62;

/** Classes differ by shape as well as by colour; test points are hollow. */
export function drawPoints(
  g: CanvasRenderingContext2D,
  { points, hollow, chosen, hover }: PlanePoints,
  look: PlaneLook,
  side: number,
  tables: Tables,
): void {
  const scale = planeScale(look.lo, look.hi, side);
  const radius = points.length > 600 ? RADIUS * 0.75 : RADIUS;
  points.forEach((point, i) => {
    const own = look.classes[point.target];
    const color = own?.color ?? css(unpack(tables.signed[entry("signed", point.target, -look.reach, look.reach)] ?? 0));
    const marked = i === chosen || i === hover;
    const size = radius * (marked ? 1.9 : 1);
    g.save();
    g.translate(scale.x(point.x), scale.y(point.y));
    g.scale(size, size);
    g.lineWidth = (marked ? 2.4 : hollow && own ? 1.6 : 1.1) / size;
    g.fillStyle = hollow && own ? look.paper : color;
    g.strokeStyle = marked ? look.accent : own ? (hollow ? color : look.paper) : look.ink;
    g.fill(path(own?.shape ?? "circle"));
    // Where numbers are predicted the surface is what is compared: the rings step back.
    g.globalAlpha = own || marked ? 1 : 0.4;
    g.stroke(path(own?.shape ?? "circle"));
    g.restore();
  });
}

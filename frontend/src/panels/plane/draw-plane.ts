/** The large picture over the plane: surface, border, points. Draws in CSS pixels on a scaled context. */
import { shapePath, type Shape } from "../../math/classes";
import { planeScale, reachTable, zeroLine, type PlanePoint } from "../../math/plane";
import type { Tables } from "../../math/tables";
import type { Values } from "../../math/values";
import { css, unpack } from "../../math/color";
import { entry } from "../../math/tables";

export interface PlaneLook {
  lo: number;
  hi: number;
  /** The value with the strongest colour. */
  reach: number;
  /** Draw the line where the value is zero. */
  border: boolean;
  ink: string;
  paper: string;
  /** Of the two classes. */
  colors: readonly [string, string];
  classes: boolean;
  accent: string;
}

export interface PlanePoints {
  points: readonly PlanePoint[];
  hollow: boolean;
  /** The chosen point, if it is among these. */
  chosen: number | null;
}

const SHAPES: readonly [Shape, Shape] = ["circle", "diamond"];
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

export function drawBorder(g: CanvasRenderingContext2D, values: Values, size: number, side: number, ink: string): void {
  const cell = side / size;
  g.strokeStyle = ink;
  g.lineWidth = 1.5;
  g.lineCap = "round";
  g.beginPath();
  for (const [x0, y0, x1, y1] of zeroLine(values, size)) {
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
  { points, hollow, chosen }: PlanePoints,
  look: PlaneLook,
  side: number,
  tables: Tables,
): void {
  const scale = planeScale(look.lo, look.hi, side);
  const radius = points.length > 600 ? RADIUS * 0.75 : RADIUS;
  points.forEach((point, i) => {
    const second = look.classes && point.target > 0.5;
    const color = look.classes
      ? look.colors[second ? 1 : 0]
      : css(unpack(tables.signed[entry("signed", point.target, -look.reach, look.reach)] ?? 0));
    g.save();
    g.translate(scale.x(point.x), scale.y(point.y));
    const grown = i === chosen ? 1.8 : 1;
    g.scale(radius * grown, radius * grown);
    g.lineWidth = (hollow ? 1.6 : 1.1) / (radius * grown);
    g.fillStyle = hollow ? look.paper : color;
    g.strokeStyle = i === chosen ? look.accent : hollow && look.classes ? color : look.classes ? look.paper : look.ink;
    g.fill(path(SHAPES[second ? 1 : 0]));
    g.stroke(path(SHAPES[second ? 1 : 0]));
    g.restore();
  });
}

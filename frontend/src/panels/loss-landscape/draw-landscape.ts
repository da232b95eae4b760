/** Draws a landscape with its contour lines and the path on it. Draws in CSS pixels on a scaled context. */
import { zeroLine } from "../../math/plane";
import type { Values } from "../../math/values";
import type { Palette } from "../../ui/palette";
import { heights, placeOf, type Survey } from "./survey";

const LEVELS = 9;

export function drawLandscape(canvas: HTMLCanvasElement, side: number, survey: Survey, colors: Palette): void {
  const g = canvas.getContext("2d");
  if (!g || side < 8) return;
  const ratio = Math.min(3, window.devicePixelRatio || 1);
  canvas.width = canvas.height = Math.round(side * ratio);
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  const values = heights(survey);
  surface(g, side, values, colors);
  contours(g, side, values, colors);
  path(g, side, survey, colors);
}

function surface(g: CanvasRenderingContext2D, side: number, values: Values, colors: Palette): void {
  const size = values.shape[0] ?? 1;
  const small = document.createElement("canvas");
  small.width = small.height = size;
  const inner = small.getContext("2d");
  if (!inner) return;
  const image = inner.createImageData(size, size);
  const pixels = new Uint32Array(image.data.buffer);
  values.floats?.forEach((height, i) => {
    if (!Number.isNaN(height)) pixels[i] = colors.magnitude[Math.round(255 * height)] ?? 0;
  });
  inner.putImageData(image, 0, 0);
  g.imageSmoothingEnabled = true;
  g.drawImage(small, 0, 0, side, side);
}

function contours(g: CanvasRenderingContext2D, side: number, values: Values, colors: Palette): void {
  const size = values.shape[0] ?? 1;
  const cell = side / size;
  g.strokeStyle = colors.token("--ink");
  g.globalAlpha = 0.28;
  g.lineWidth = 1;
  g.beginPath();
  for (let level = 1; level <= LEVELS; level++) {
    const floats = values.floats?.map((height) => height - level / (LEVELS + 1)) ?? null;
    for (const [x0, y0, x1, y1] of zeroLine({ ...values, floats }, size)) {
      if (![x0, y0, x1, y1].every(Number.isFinite)) continue;
      g.moveTo(x0 * cell, y0 * cell);
      g.lineTo(x1 * cell, y1 * cell);
    }
  }
  g.stroke();
  g.globalAlpha = 1;
}

function path(g: CanvasRenderingContext2D, side: number, { plane }: Survey, colors: Palette): void {
  const at = ({ x, y }: { x: number; y: number }): [number, number] => {
    const { across, down } = placeOf(plane, x, y);
    return [across * side, down * side];
  };
  const [accent, paper, ink] = [colors.token("--accent"), colors.token("--surface"), colors.token("--ink")];
  const now = at({ x: 0, y: 0 });
  if (plane.whole.length > 0) {
    // Steps taken from now on, twice.
    line(g, [now, ...plane.path.map(at)], paper, accent);
    line(g, [now, ...plane.whole.map(at)], paper, ink);
  } else {
    const points = plane.path.map(at);
    line(g, [...points, now], paper, accent);
    points.forEach(([x, y], i) => dot(g, x, y, i === 0 ? 4 : 2, i === 0 ? paper : accent, accent));
  }
  dot(g, ...now, 5, accent, paper);
}

function line(g: CanvasRenderingContext2D, points: [number, number][], edge: string, color: string): void {
  for (const [stroke, width] of [
    [edge, 4],
    [color, 2],
  ] as const) {
    g.strokeStyle = stroke;
    g.lineWidth = width;
    g.lineJoin = "round";
    g.beginPath();
    points.forEach(([x, y], i) => (i === 0 ? g.moveTo(x, y) : g.lineTo(x, y)));
    g.stroke();
  }
}

function dot(g: CanvasRenderingContext2D, x: number, y: number, radius: number, fill: string, line: string): void {
  g.beginPath();
  g.arc(x, y, radius, 0, 2 * Math.PI);
  g.fillStyle = fill;
  g.fill();
  g.strokeStyle = line;
  g.lineWidth = 1.5;
  g.stroke();
}

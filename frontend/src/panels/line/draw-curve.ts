/** Drawing a curve, its pieces and the data, in CSS pixels on a scaled context. */
import { ticks } from "../../math/scales";
import type { Palette } from "../../ui/palette";
import { type CurveBox, type CurvePoint, intervalOf, placeAt, type Rows } from "./curve";

export interface CurveStyle {
  ink: string;
  soft: string;
  /** Of the pieces. */
  faint: string;
  line: string;
  train: string;
  test: string;
  accent: string;
  surface: string;
  font: string;
}

export const curveStyle = ({ token }: Palette): CurveStyle => ({
  ink: token("--ink"),
  soft: token("--ink-3"),
  faint: token("--line-strong"),
  line: token("--line"),
  train: token("--negative"),
  test: token("--positive"),
  accent: token("--accent"),
  surface: token("--surface"),
  font: token("--font"),
});

export interface CurvePicture {
  box: CurveBox;
  said: Rows | null;
  pieces: Rows | null;
  /** The unit that is pointed at. */
  marked: Rows | null;
  train: readonly CurvePoint[];
  test: readonly CurvePoint[];
  /** Where the pointer or the arrow keys are. */
  at: number | null;
}

export function drawCurve(
  g: CanvasRenderingContext2D,
  { box, said, pieces, marked, train, test, at }: CurvePicture,
  style: CurveStyle,
  text: (value: number) => string,
): void {
  g.clearRect(0, 0, box.right + 20, box.bottom + 40);
  axes(g, box, style, text);
  g.save();
  g.beginPath();
  g.rect(box.left, box.top - 2, box.right - box.left, box.bottom - box.top + 4);
  g.clip();
  dots(g, box, test, style.test, style.surface, false);
  dots(g, box, train, style.train, style.surface, true);
  band(g, box, said, style);
  for (const [i] of (pieces?.rows ?? []).entries()) row(g, box, pieces, i, style.faint, 1);
  if (said) row(g, box, said, 0, style.ink, 2.5);
  if (marked) row(g, box, marked, 0, style.accent, 2);
  if (at !== null) {
    g.strokeStyle = style.accent;
    g.lineWidth = 1;
    g.beginPath();
    g.moveTo(box.x(at), box.top);
    g.lineTo(box.x(at), box.bottom);
    g.stroke();
  }
  g.restore();
}

/** The interval that the network says, filled. */
function band(g: CanvasRenderingContext2D, box: CurveBox, said: Rows | null, style: CurveStyle): void {
  const ends = intervalOf(said);
  if (!said || !ends) return;
  const [low, high] = ends;
  const bounded = (value: number): number => Math.max(box.top - 1e4, Math.min(box.bottom + 1e4, box.y(value)));
  g.globalAlpha = 0.25;
  g.fillStyle = style.ink;
  g.beginPath();
  low.forEach((value, at) => g.lineTo(box.x(placeAt(said, at, low.length)), bounded(value)));
  for (let at = high.length - 1; at >= 0; at--)
    g.lineTo(box.x(placeAt(said, at, high.length)), bounded(high[at] ?? NaN));
  g.fill();
  g.globalAlpha = 1;
  for (const end of [1, 2]) row(g, box, said, end, style.ink, 1);
}

function row(
  g: CanvasRenderingContext2D,
  box: CurveBox,
  rows: Rows | null,
  i: number,
  color: string,
  width: number,
): void {
  const values = rows?.rows[i];
  if (!rows || !values) return;
  g.strokeStyle = color;
  g.lineWidth = width;
  g.lineJoin = "round";
  g.beginPath();
  values.forEach((value, at) => {
    const [x, y] = [box.x(placeAt(rows, at, values.length)), box.y(value)];
    if (!Number.isFinite(y)) return;
    // Far outside it is cut off anyway; canvases misdraw coordinates of many millions.
    const bounded = Math.max(box.top - 1e4, Math.min(box.bottom + 1e4, y));
    if (at === 0) g.moveTo(x, bounded);
    else g.lineTo(x, bounded);
  });
  g.stroke();
}

function dots(
  g: CanvasRenderingContext2D,
  box: CurveBox,
  points: readonly CurvePoint[],
  color: string,
  surface: string,
  filled: boolean,
): void {
  const radius = points.length > 300 ? 2.2 : 3.2;
  g.fillStyle = filled ? color : surface;
  g.strokeStyle = color;
  g.lineWidth = 1.2;
  g.globalAlpha = filled ? 0.75 : 0.9;
  for (const { x, value } of points) {
    g.beginPath();
    g.arc(box.x(x), box.y(value), filled ? radius : radius - 0.4, 0, 2 * Math.PI);
    g.fill();
    if (!filled) g.stroke();
  }
  g.globalAlpha = 1;
}

function axes(g: CanvasRenderingContext2D, box: CurveBox, style: CurveStyle, text: (value: number) => string): void {
  const { x, y, left, right, top, bottom } = box;
  g.font = `11px ${style.font}`;
  g.fillStyle = style.soft;
  g.strokeStyle = style.line;
  g.lineWidth = 1;
  g.textBaseline = "middle";
  g.textAlign = "center";
  for (const tick of ticks(x.invert(left), x.invert(right), 6)) {
    stroke(g, x(tick), top, x(tick), bottom);
    g.fillText(text(tick), x(tick), bottom + 12);
  }
  g.textAlign = "right";
  for (const tick of ticks(y.invert(bottom), y.invert(top), 5)) {
    stroke(g, left, y(tick), right, y(tick));
    g.fillText(text(tick), left - 6, y(tick));
  }
}

function stroke(g: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  g.beginPath();
  g.moveTo(x0, y0);
  g.lineTo(x1, y1);
  g.stroke();
}

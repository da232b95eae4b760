/** Draws examples as the marks of their classes, in CSS pixels on a scaled context. */
import { classLooks, shapePath } from "../../math/classes";
import type { Palette } from "../../ui/palette";
import { type Box, type Places } from "./places";

const RADIUS = 2.6;

export function drawPlaces(
  canvas: HTMLCanvasElement,
  side: number,
  places: Places,
  box: Box,
  lit: { example: number | null; label: number | null },
  { token }: Palette,
): void {
  const g = canvas.getContext("2d");
  if (!g || side < 8) return;
  const ratio = Math.min(3, window.devicePixelRatio || 1);
  canvas.width = canvas.height = Math.round(side * ratio);
  const looks = classLooks(places.classes.length, token("--negative"), token("--positive"));
  const marks = looks.map(({ shape }) => new Path2D(shapePath(shape)));
  const put = (i: number, radius: number): void => {
    const mark = marks[places.labels[i] ?? -1];
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.translate(box.x(places.x[i] ?? NaN), box.y(places.y[i] ?? NaN));
    g.scale(radius, radius);
    if (mark) g.fill(mark);
    else g.fillRect(-1, -1, 2, 2);
  };
  for (let i = 0; i < places.x.length; i++) {
    const label = places.labels[i] ?? -1;
    g.globalAlpha = lit.label !== null && lit.label !== label ? 0.12 : 0.8;
    g.fillStyle = looks[label]?.color ?? token("--ink-2");
    put(i, RADIUS);
  }
  if (lit.example === null || lit.example >= places.x.length) return;
  g.globalAlpha = 1;
  g.fillStyle = looks[places.labels[lit.example] ?? -1]?.color ?? token("--ink-2");
  put(lit.example, 2 * RADIUS);
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.strokeStyle = token("--accent");
  g.lineWidth = 2;
  g.beginPath();
  g.arc(box.x(places.x[lit.example] ?? NaN), box.y(places.y[lit.example] ?? NaN), 9, 0, 2 * Math.PI);
  g.stroke();
}

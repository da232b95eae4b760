/** Predicted against true: where points lie, and drawing them. Draws in CSS pixels on a scaled context. */
import { linear, ticks, type Scale } from "../../math/scales";

export interface ScatterPoint {
  truth: number;
  said: number;
}

export interface ScatterBox {
  x: Scale;
  y: Scale;
  ticks: number[];
  left: number;
  bottom: number;
  side: number;
}

export interface ScatterStyle {
  ink: string;
  faint: string;
  line: string;
  point: string;
  accent: string;
  font: string;
}

const LEFT = 42;
const BOTTOM = 36;

export function readScatter(floats: ArrayLike<number> | null): ScatterPoint[] {
  if (!floats) return [];
  return Array.from({ length: Math.floor(floats.length / 2) }, (_, i) => ({
    truth: floats[2 * i] ?? NaN,
    said: floats[2 * i + 1] ?? NaN,
  }));
}

/** Both axes have the same range, so that a perfect prediction lies on the diagonal. */
export function scatterBox(points: readonly ScatterPoint[], width: number): ScatterBox {
  const all = points.flatMap(({ truth, said }) => [truth, said]).filter(Number.isFinite);
  const [least, most] = all.length ? [Math.min(...all), Math.max(...all)] : [0, 1];
  const room = (most - least || 1) * 0.05;
  const side = Math.max(10, width - LEFT - 6);
  const domain: [number, number] = [least - room, most + room];
  return {
    x: linear(domain, [LEFT, LEFT + side]),
    y: linear(domain, [6 + side, 6]),
    ticks: ticks(domain[0], domain[1], 4),
    left: LEFT,
    bottom: 6 + side,
    side,
  };
}

export const scatterHeight = (box: ScatterBox): number => box.bottom + BOTTOM;

/** Index of the point nearest to a place, within `reach` pixels. */
export function scatterAt(
  points: readonly ScatterPoint[],
  box: ScatterBox,
  x: number,
  y: number,
  reach = 10,
): number | null {
  let best: number | null = null;
  let least = reach * reach;
  points.forEach((point, i) => {
    const distance = (box.x(point.truth) - x) ** 2 + (box.y(point.said) - y) ** 2;
    if (distance <= least) [best, least] = [i, distance];
  });
  return best;
}

export function drawScatter(
  g: CanvasRenderingContext2D,
  points: readonly ScatterPoint[],
  box: ScatterBox,
  style: ScatterStyle,
  chosen: number | null,
  text: (value: number) => string,
): void {
  const { left, bottom, side } = box;
  g.clearRect(0, 0, left + side + 6, bottom + BOTTOM);
  axes(g, box, style, text);
  g.strokeStyle = style.faint;
  g.setLineDash([4, 4]);
  g.beginPath();
  g.moveTo(left, bottom);
  g.lineTo(left + side, bottom - side);
  g.stroke();
  g.setLineDash([]);
  points.forEach((point, i) => {
    g.beginPath();
    g.arc(box.x(point.truth), box.y(point.said), i === chosen ? 5 : 3, 0, 2 * Math.PI);
    g.globalAlpha = i === chosen ? 1 : 0.65;
    g.fillStyle = i === chosen ? style.accent : style.point;
    g.fill();
  });
  g.globalAlpha = 1;
}

function axes(
  g: CanvasRenderingContext2D,
  { x, y, ticks: at, left, bottom, side }: ScatterBox,
  style: ScatterStyle,
  text: (value: number) => string,
): void {
  g.font = `11px ${style.font}`;
  g.fillStyle = style.ink;
  g.strokeStyle = style.line;
  g.lineWidth = 1;
  g.textBaseline = "middle";
  for (const tick of at) {
    g.beginPath();
    g.moveTo(x(tick), bottom);
    g.lineTo(x(tick), bottom - side);
    g.moveTo(left, y(tick));
    g.lineTo(left + side, y(tick));
    g.stroke();
    g.textAlign = "center";
    g.fillText(text(tick), x(tick), bottom + 11);
    g.textAlign = "right";
    g.fillText(text(tick), left - 5, y(tick));
  }
  g.textAlign = "center";
  g.fillText("true", left + side / 2, bottom + 27);
  g.save();
  g.translate(7, bottom - side / 2);
  g.rotate(-Math.PI / 2);
  g.fillText("predicted", 0, 0);
  g.restore();
}

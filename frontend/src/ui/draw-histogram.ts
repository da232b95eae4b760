import { fixed, scientific } from "../math/format";
import { edges, height as heightOf, peak, type Histogram } from "../math/histogram";
import { linear, niceStep, ticks } from "../math/scales";

export interface HistogramStyle {
  negative: string;
  positive: string;
  ink: string;
  line: string;
  accent: string;
  font: string;
  mean: number;
  hover: number;
}

/** Room for the axis below the bars, in CSS pixels. */
export const AXIS = 18;

/** The bin under a place in CSS pixels, or −1. */
export function binAt(histogram: Histogram, width: number, x: number): number {
  const i = Math.floor((x / width) * histogram.counts.length);
  return i >= 0 && i < histogram.counts.length ? i : -1;
}

/** Bars with square-root heights: blue below zero, orange above; a line at zero and one at the mean. */
export function drawHistogram(
  g: CanvasRenderingContext2D,
  histogram: Histogram,
  width: number,
  height: number,
  style: HistogramStyle,
): void {
  const { lo, hi, counts } = histogram;
  const bottom = height - AXIS;
  const x = linear([lo, hi], [0, width]);
  const largest = peak(histogram);
  g.clearRect(0, 0, width, height);
  for (let i = 0; i < counts.length; i++) {
    const [from, to] = edges(histogram, i);
    const tall = heightOf(counts[i] ?? 0, largest) * (bottom - 4);
    if (tall <= 0) continue;
    g.fillStyle = from + to < 0 ? style.negative : style.positive;
    g.globalAlpha = style.hover === -1 || style.hover === i ? 1 : 0.55;
    g.fillRect(x(from) + 0.5, bottom - Math.max(1, tall), Math.max(1, x(to) - x(from) - 1), Math.max(1, tall));
  }
  g.globalAlpha = 1;
  rule(g, 0, width, bottom, style);
  axis(g, histogram, width, bottom, style);
  if (style.mean >= lo && style.mean <= hi) {
    g.strokeStyle = style.ink;
    g.setLineDash([3, 3]);
    g.beginPath();
    g.moveTo(x(style.mean), 2);
    g.lineTo(x(style.mean), bottom);
    g.stroke();
    g.setLineDash([]);
  }
}

function rule(g: CanvasRenderingContext2D, from: number, to: number, y: number, style: HistogramStyle): void {
  g.strokeStyle = style.line;
  g.lineWidth = 1;
  g.beginPath();
  g.moveTo(from, y + 0.5);
  g.lineTo(to, y + 0.5);
  g.stroke();
}

function axis(
  g: CanvasRenderingContext2D,
  { lo, hi }: Histogram,
  width: number,
  bottom: number,
  style: HistogramStyle,
): void {
  const x = linear([lo, hi], [0, width]);
  g.font = `11px ${style.font}`;
  g.fillStyle = style.ink;
  g.textBaseline = "top";
  const decimals = Math.max(0, -Math.floor(Math.log10(niceStep(hi - lo, 4)) + 1e-9));
  const text = (value: number): string =>
    decimals > 4 && value !== 0 ? scientific(value, 1) : fixed(value, Math.min(4, decimals));
  for (const value of ticks(lo, hi, 4)) {
    const place = x(value);
    g.fillRect(place, bottom, 1, 3);
    g.textAlign = place < 20 ? "left" : place > width - 20 ? "right" : "center";
    g.fillText(text(value), place, bottom + 5);
  }
}

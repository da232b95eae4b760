/** The options of the timeline chart, and what it draws beyond its lines: marks and the present. */
import type uPlot from "uplot";

import { axisTexts, count } from "../math/format";
import type { Mark } from "../protocol/types";
import { cssColor } from "../stores/theme.svelte";
import { placeLabels } from "./marks";
import { type Columns, lossTop } from "./timeline-data";

export interface ChartState {
  data: Columns;
  marks: Mark[];
  /** The step where the training stands. */
  now: number;
  log: boolean;
  /** The steps that are looked at; null: all. */
  span: { from: number; to: number } | null;
  /** Whether there is an accuracy to show: a regression has none. */
  rated: boolean;
}

/** Where the steps are, in pixels of the page. */
export interface Scale {
  from: number;
  to: number;
  left: number;
  width: number;
  top: number;
  bottom: number;
}

export function scaleOf({ bbox, scales }: uPlot): Scale {
  const [left, top] = [bbox.left / devicePixelRatio, bbox.top / devicePixelRatio];
  const [width, height] = [bbox.width / devicePixelRatio, bbox.height / devicePixelRatio];
  return { from: scales["x"]?.min ?? 0, to: scales["x"]?.max ?? 1, left, width, top, bottom: top + height };
}

const MOST_LABELS = 12;

function drawMarks(chart: uPlot, state: ChartState): void {
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  const [pad, step] = [6 * ratio, 21 * ratio];
  const right = bbox.left + bbox.width;
  ctx.save();
  ctx.font = `${11 * ratio}px ${cssColor("--mono")}`;
  ctx.textBaseline = "middle";
  ctx.lineWidth = ratio;
  ctx.setLineDash([3 * ratio, 3 * ratio]);
  const seen = state.marks
    .slice(-200)
    .map((mark) => ({ mark, x: chart.valToPos(mark.step, "x", true) }))
    .filter(({ x }) => x >= bbox.left - 1 && x <= right + 1);
  for (const { mark, x } of seen) {
    ctx.strokeStyle = cssColor(mark.kind === "diverged" ? "--bad" : "--accent");
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  const widths = seen.map(({ mark }) => ctx.measureText(mark.label).width + 2 * pad);
  const rows = Math.min(MOST_LABELS, Math.ceil(bbox.height / step) - 1);
  const places = placeLabels(
    seen.map(({ x }) => x),
    widths,
    { right, rows, gap: 5 * ratio },
  );
  for (const [i, place] of places.entries()) {
    if (!place) continue;
    const y = bbox.top + 2 * ratio + step * place.row;
    ctx.fillStyle = cssColor("--accent-soft");
    ctx.beginPath();
    ctx.roundRect(place.left, y, widths[i] ?? 0, 18 * ratio, 6 * ratio);
    ctx.fill();
    ctx.fillStyle = cssColor("--accent");
    ctx.fillText(seen[i]?.mark.label ?? "", place.left + pad, y + 9 * ratio);
  }
  ctx.restore();
}

function drawNow(chart: uPlot, state: ChartState): void {
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  const x = chart.valToPos(state.now, "x", true);
  if (state.now <= 0 || x < bbox.left || x > bbox.left + bbox.width + 1) return;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = cssColor("--ink");
  ctx.lineWidth = 1.5 * ratio;
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.beginPath();
  ctx.arc(x, bbox.top, 4.5 * ratio, 0, 2 * Math.PI);
  ctx.fill();
  ctx.restore();
}

const steps = (value: number): string =>
  value >= 1_000_000 ? `${value / 1_000_000}M` : value >= 10_000 ? `${value / 1000}k` : count(value);

/** `state` is read at every drawing. */
export function chartOptions(
  size: { width: number; height: number },
  state: ChartState,
  onCursor: (index: number | null) => void,
  onDrag: (span: { from: number; to: number }) => void,
  onDraw: (chart: uPlot) => void,
): uPlot.Options {
  const font = `11px ${cssColor("--mono")}`;
  const axis: uPlot.Axis = {
    font,
    stroke: () => cssColor("--ink-3"),
    grid: { stroke: () => cssColor("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    ...size,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: true, y: false, setScale: false, dist: 5 } },
    scales: {
      x: {
        time: false,
        range: (_, __, high) => (state.span ? [state.span.from, state.span.to] : [0, Math.max(high, state.now, 20)]),
      },
      loss: state.log ? { distr: 3 } : { range: () => [0, lossTop(state.data)] },
      accuracy: { range: [0, 100] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 24, gap: 4, space: 80, values: (_, splits) => splits.map(steps) },
      { ...axis, scale: "loss", size: 44, gap: 6, space: 30, values: (_, splits) => axisTexts(splits) },
      {
        ...axis,
        scale: "accuracy",
        side: 1,
        size: 46,
        gap: 8,
        grid: { show: false },
        splits: () => [0, 50, 100],
        values: (_, splits) => splits.map((value) => (state.rated ? `${value}%` : "")),
      },
    ],
    series: [
      {},
      { scale: "loss", stroke: () => cssColor("--line-strong"), width: 1, spanGaps: true, points: { show: false } },
      { scale: "loss", stroke: () => cssColor("--ink"), width: 2, spanGaps: true, points: { show: false } },
      { scale: "accuracy", stroke: () => cssColor("--ok"), width: 2, spanGaps: true, points: { show: false } },
      { scale: "loss", width: 0, spanGaps: true, points: { show: false } },
      { scale: "loss", width: 0, spanGaps: true, points: { show: false } },
    ],
    bands: [{ series: [5, 4], fill: () => `color-mix(in srgb, ${cssColor("--line-strong")} 35%, transparent)` }],
    hooks: {
      setSelect: [
        (chart) => {
          const { left, width } = chart.select;
          if (width < 5) return;
          onDrag({ from: chart.posToVal(left, "x"), to: chart.posToVal(left + width, "x") });
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      draw: [(chart) => drawMarks(chart, state), (chart) => drawNow(chart, state), onDraw],
      setCursor: [
        (chart) =>
          onCursor(chart.cursor.left !== undefined && chart.cursor.left >= 0 ? (chart.cursor.idx ?? null) : null),
      ],
    },
  };
}

/** A part of the curve in full detail: which steps, and what the server knows of them. */
import { get } from "../protocol/api";
import type { Curve } from "../stores/metrics";

/** From which step to which. */
export interface Span {
  from: number;
  to: number;
}

/** Fewer steps than this are not looked at more closely. */
const LEAST = 20;
const POINTS = 1500;

interface Stretch extends Curve {
  low: number[];
  high: number[];
}

/** `span` within 0 to `end` and not too narrow, in whole steps; null where it is the whole run. */
export function fitted({ from, to }: Span, end: number): Span | null {
  const width = Math.max(LEAST, Math.round(to - from));
  if (width >= end) return null;
  const begin = Math.min(Math.max(0, Math.round(from)), end - width);
  return { from: begin, to: begin + width };
}

/** `factor` times as wide, with `at` staying where it is. */
export const scaled = ({ from, to }: Span, factor: number, at = (from + to) / 2): Span => ({
  from: at - (at - from) * factor,
  to: at + (to - at) * factor,
});

/** The span after a key; undefined where the key means nothing here. */
export function afterKey(key: string, span: Span | null, end: number): Span | null | undefined {
  const now = span ?? { from: 0, to: end };
  if (key === "+" || key === "=") return fitted(scaled(now, 0.5), end);
  if (span === null) return undefined;
  if (key === "-") return fitted(scaled(now, 2), end);
  if (key === "Escape" || key === "0") return null;
  const by = { ArrowLeft: -0.25, ArrowRight: 0.25 }[key];
  if (by === undefined) return undefined;
  const way = by * (now.to - now.from);
  return fitted({ from: now.from + way, to: now.to + way }, end);
}

/** The curves of these steps, `train.loss` with its lowest and highest values as `train.low` and `train.high`. */
export async function detail(run: string, { from, to }: Span): Promise<Map<string, Curve>> {
  const path = `/api/runs/${run}/metrics?start=${from}&end=${to}&points=${POINTS}`;
  const { series } = await get<{ series: Record<string, Stretch> }>(path);
  const found = new Map<string, Curve>(Object.entries(series));
  const train = series["train.loss"];
  if (train?.low.length) {
    found.set("train.low", { steps: train.steps, values: train.low });
    found.set("train.high", { steps: train.steps, values: train.high });
  }
  return found;
}

/** What was fetched, and what came since. */
export function joined(
  fetched: ReadonlyMap<string, Curve>,
  live: ReadonlyMap<string, Curve>,
  span: Span,
): Map<string, Curve> {
  const found = new Map(fetched);
  for (const [name, { steps, values }] of live) {
    const known = fetched.get(name) ?? { steps: [], values: [] };
    const newest = known.steps.at(-1) ?? span.from - 1;
    const fresh = steps.flatMap((step, i) => (step > newest && step <= span.to ? [i] : []));
    if (fresh.length === 0) continue;
    found.set(name, {
      steps: [...known.steps, ...fresh.map((i) => steps[i] ?? 0)],
      values: [...known.values, ...fresh.map((i) => values[i] ?? NaN)],
    });
  }
  return found;
}

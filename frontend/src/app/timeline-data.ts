/** From curves to the aligned columns that the chart draws. */
import type { Curve } from "../stores/metrics";

/** Values by step; null where a curve has none at that step. */
type Column = (number | null)[];
/** Steps, training loss, test loss, test accuracy in per cent, lowest and highest training loss. */
export type Columns = [number[], Column, Column, Column, Column, Column];

/** Points of one curve that are drawn at most: two for each pixel of a wide screen. */
const MOST_POINTS = 3000;

/** Keeps the lowest and the highest value of each stretch, so that no peak is lost. */
export function thin({ steps, values }: Curve, most = MOST_POINTS): Curve {
  if (steps.length <= most) return { steps, values };
  const kept: Curve = { steps: [], values: [] };
  const stretch = (2 * steps.length) / most;
  for (let from = 0; from < steps.length; from += stretch) {
    const end = Math.min(steps.length, Math.floor(from + stretch));
    let low = Math.floor(from);
    let high = low;
    for (let i = low; i < end; i++) {
      if ((values[i] ?? 0) < (values[low] ?? 0)) low = i;
      if ((values[i] ?? 0) > (values[high] ?? 0)) high = i;
    }
    for (const i of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) {
      kept.steps.push(steps[i] ?? 0);
      kept.values.push(values[i] ?? NaN);
    }
  }
  return kept;
}

const EMPTY: Curve = { steps: [], values: [] };

export function columns(curves: ReadonlyMap<string, Curve>): Columns {
  const train = thin(curves.get("train.loss") ?? EMPTY);
  const loss = thin(curves.get("test.loss") ?? EMPTY);
  const accuracy = thin(curves.get("test.accuracy") ?? EMPTY);
  const [low, high] = [curves.get("train.low") ?? EMPTY, curves.get("train.high") ?? EMPTY];
  const steps = [...new Set([...train.steps, ...loss.steps, ...accuracy.steps, ...low.steps])].sort((a, b) => a - b);
  const place = new Map(steps.map((step, i) => [step, i]));
  const column = ({ steps: at, values }: Curve, factor = 1): (number | null)[] => {
    const filled = new Array<number | null>(steps.length).fill(null);
    for (const [i, step] of at.entries()) filled[place.get(step) ?? 0] = (values[i] ?? NaN) * factor;
    return filled;
  };
  return [steps, column(train), column(loss), column(accuracy, 100), column(low), column(high)];
}

/** Upper end of the loss axis: above all but the wildest two in a hundred training values. */
export function lossTop([, train, loss, , , high]: Columns): number {
  const of = (column: (number | null)[]): number[] =>
    column.filter((value): value is number => value !== null && Number.isFinite(value)).sort((a, b) => a - b);
  const sorted = of(train);
  const usual = sorted[Math.floor(0.98 * (sorted.length - 1))] ?? 0;
  const band = of(high).at(-1) ?? 0;
  return 1.08 * Math.max(usual, of(loss).at(-1) ?? 0, band) || 1;
}

/** The newest value at or before an index. */
export function valueBefore(column: (number | null)[], index: number): number | null {
  for (let i = Math.min(index, column.length - 1); i >= 0; i--) {
    const value = column[i];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

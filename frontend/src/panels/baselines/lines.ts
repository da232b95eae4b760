/** The network's curve and the classical models as lines beside it. Pure. */
import { linear, type Scale } from "../../math/scales";
import type { BaselineFitted, BaselinesBegun, Choice } from "../../protocol/types";
import type { Curve } from "../../stores/metrics";

export interface Point {
  step: number;
  score: number;
}

const MOST = 400;

/** What a network's mean squared error must be multiplied with; null where its loss is another one. */
export function squared(loss: Choice | undefined): number | null {
  if (loss?.kind !== "mse") return null;
  return loss.config["form"] === "textbook" ? 2 : 1;
}

/** The network in the measure of the baselines: its accuracy, or its R² from the squared error; empty where unknown. */
export function networkCurve(
  { measure, variance }: Pick<BaselinesBegun, "measure" | "variance">,
  loss: Choice | undefined,
  curves: ReadonlyMap<string, Curve>,
): Point[] {
  const factor = measure === "r2" ? squared(loss) : 1;
  const curve = curves.get(measure === "r2" ? "test.loss" : "test.accuracy");
  if (!curve || factor === null || (measure === "r2" && !variance)) return [];
  const stride = Math.max(1, Math.ceil(curve.steps.length / MOST));
  return curve.steps.flatMap((step, i) => {
    const value = curve.values[i] ?? NaN;
    const last = i === curve.steps.length - 1;
    if ((i % stride !== 0 && !last) || !Number.isFinite(value)) return [];
    return [{ step, score: measure === "r2" ? 1 - (factor * value) / (variance ?? 1) : value }];
  });
}

export interface Box {
  x: Scale;
  y: Scale;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Room for all lines and for what the network reached; a wild beginning is cut off below. */
export function box(width: number, height: number, curve: readonly Point[], fitted: readonly BaselineFitted[]): Box {
  const scores = [...fitted.map(({ score }) => score), curve.at(-1)?.score ?? 0.5, ...curve.map(({ score }) => score)];
  const lowest = Math.max(-0.5, Math.min(...scores));
  const highest = Math.max(lowest + 0.05, ...scores);
  const room = 0.06 * (highest - lowest);
  const [left, right, top, bottom] = [40, Math.max(60, width - 8), 8, Math.max(40, height - 22)];
  return {
    x: linear([0, Math.max(1, curve.at(-1)?.step ?? 1)], [left, right]),
    y: linear([lowest - room, highest + room], [bottom, top]),
    left,
    right,
    top,
    bottom,
  };
}

/** The honest answer, in words. */
export function verdict(now: number | undefined, fitted: readonly BaselineFitted[]): string {
  const best = fitted.reduce<BaselineFitted | null>(
    (most, one) => (most && most.score >= one.score ? most : one),
    null,
  );
  if (!best || now === undefined) return "";
  const gap = now - best.score;
  if (Math.abs(gap) < 0.01) return `The network is as good as the best of them, ${best.name.toLowerCase()}.`;
  return gap > 0
    ? `The network is ahead of the best of them, ${best.name.toLowerCase()}.`
    : `Was a network needed? ${best.name} is ahead.`;
}

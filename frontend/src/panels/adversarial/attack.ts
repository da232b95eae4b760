/** Adversarial examples and accuracy against ε, from frames of the probe `fast_gradient`. Pure. */
import { numberIn, numbersIn, textIn, textsIn } from "../../math/extra";
import { percent } from "../../math/format";
import { linear, type Scale } from "../../math/scales";
import type { Frame } from "../../stores/frames";

type Seen = Pick<Frame, "header" | "floats">;

export interface CurvePoint {
  epsilon: number;
  accuracy: number;
  loss: number;
}

export const METHODS = [
  { value: "fast", label: "fast gradient sign, one step" },
  { value: "iterative", label: "iterative, several steps" },
  { value: "targeted", label: "targeted at a class" },
] as const;
export type Method = (typeof METHODS)[number]["value"];

/** What the probe and the study are asked: only what the method reads. */
export function attackOf(method: Method, steps: number, goal: number): Record<string, unknown> {
  if (method === "fast") return {};
  return method === "targeted" ? { method, steps, goal } : { method, steps };
}

export interface Curve {
  points: CurvePoint[];
  most: number;
  examples: number;
  unit: string;
}

export function readCurve({ header, floats }: Seen): Curve {
  const [places = 0] = header.shape;
  const points = Array.from({ length: places }, (_, i) => ({
    epsilon: floats?.[3 * i] ?? NaN,
    accuracy: floats?.[3 * i + 1] ?? NaN,
    loss: floats?.[3 * i + 2] ?? NaN,
  }));
  const { extra } = header;
  return {
    points,
    most: numberIn(extra, "most", 1),
    examples: numberIn(extra, "examples", 0),
    unit: textIn(extra, "unit"),
  };
}

/** Between the measured places along a straight line. */
export function accuracyAt(points: readonly CurvePoint[], epsilon: number): number {
  const after = points.findIndex((point) => point.epsilon >= epsilon - 1e-9);
  const [b, a] = [points[after], points[after - 1]];
  if (!b) return points.at(-1)?.accuracy ?? NaN;
  if (!a || b.epsilon === a.epsilon) return b.accuracy;
  return a.accuracy + ((b.accuracy - a.accuracy) * (epsilon - a.epsilon)) / (b.epsilon - a.epsilon);
}

export interface Attacked {
  index: number;
  truth: string;
  before: string;
  after: string;
  /** `7, 99% sure → 3, 85% sure`. */
  words: string;
  /** Whether it was right before and is wrong now. */
  fooled: boolean;
}

export function readAttacked({ header }: Pick<Frame, "header">): Attacked[] {
  const { extra } = header;
  const classes = textsIn(extra, "classes");
  const name = (index: number | undefined): string => classes[index ?? -1] ?? String(index);
  const [before, after] = pairs(extra["said"]);
  const [sure, then] = pairs(extra["sure"]);
  const labels = numbersIn(extra, "labels");
  return numbersIn(extra, "indices").map((index, i) => ({
    index,
    truth: name(labels[i]),
    before: name(before[i]),
    after: name(after[i]),
    words: `${name(before[i])}, ${percent(sure[i] ?? NaN, 0)} sure → ${name(after[i])}, ${percent(then[i] ?? NaN, 0)} sure`,
    fooled: before[i] === labels[i] && after[i] !== labels[i],
  }));
}

function pairs(raw: unknown): [number[], number[]] {
  const [first, second] = Array.isArray(raw) ? (raw as unknown[]) : [];
  return [Array.isArray(first) ? (first as number[]) : [], Array.isArray(second) ? (second as number[]) : []];
}

export interface Box {
  x: Scale;
  y: Scale;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Axes of accuracy, 0 to 1, against ε. */
export function box(width: number, height: number, most: number): Box {
  const [left, right, top, bottom] = [36, Math.max(60, width - 10), 8, height - 22];
  return { x: linear([0, most], [left, right]), y: linear([0, 1], [bottom, top]), left, right, top, bottom };
}

/** What happened, in words. */
export function fooledWords(examples: readonly Attacked[]): string {
  const right = examples.filter(({ before, truth }) => before === truth).length;
  const fooled = examples.filter((one) => one.fooled).length;
  if (right === 0) return "None of them was read rightly before.";
  return fooled === 0 ? `All ${right} are still read rightly.` : `${fooled} of ${right} are read wrongly now.`;
}

/** What is said about points and places of the plane. Pure. */
import { fixed, number, percent } from "../../math/format";
import type { PlanePoint } from "../../math/plane";

export interface PlaneWords {
  classes: readonly string[];
  /** `certainty` (−1..1 between two classes), `probability` (several classes), `value`, or `activation` of one unit. */
  scale: string;
}

/** What a code of bits may say. */
const NO_CLASS = "no class";

/** `orange 93.0%`: which class, and how probable. Of several classes `said` is the number of the most probable. */
export function verdict(said: number, { classes, scale }: PlaneWords): string {
  if (scale === "probability") return classes[said] ?? NO_CLASS;
  if (scale !== "certainty") return number(said);
  return `${classes[said >= 0 ? 1 : 0] ?? ""} ${percent((1 + Math.abs(said)) / 2)}`.trim();
}

const place = (x: number, y: number): string => `x₁ ${fixed(x, 2)}, x₂ ${fixed(y, 2)}`;

export function describePlace(x: number, y: number, value: number, words: PlaneWords): string {
  return `${place(x, y)}: ${verdict(value, words)}`;
}

/** Where several classes compete: the winner with its probability. */
export function describeWinner(x: number, y: number, shares: readonly number[], classes: readonly string[]): string {
  const winner = shares.indexOf(Math.max(...shares));
  return `${place(x, y)}: ${classes[winner] ?? NO_CLASS} ${percent(shares[winner] ?? NaN)}`;
}

export function describePoint(point: PlanePoint, split: string, index: number, words: PlaneWords): string {
  const is = words.classes.length ? (words.classes[point.target] ?? String(point.target)) : number(point.target);
  const kind = split === "train" ? "training" : "test";
  if (words.scale === "activation") return `${kind} point ${index}; the network says ${verdict(point.said, words)}`;
  return `${kind} point ${index} is ${is}; the network says ${verdict(point.said, words)}`;
}

/** What the picture says where the score is ±1, the margin; 0 for pictures that have none. Certainty is 2σ(s) − 1. */
export function marginLevel(words: PlaneWords): number {
  if (words.classes.length !== 2) return 0;
  return words.scale === "certainty" ? Math.tanh(0.5) : words.scale === "value" ? 1 : 0;
}

/** How many of the points are told right; null where there are no classes. */
export function rightOnes(points: readonly PlanePoint[], words: PlaneWords): number | null {
  if (words.scale === "probability") return points.filter((point) => point.said === point.target).length;
  // Two classes may also be told by the sign of a plain score.
  if (words.scale !== "certainty" && !(words.scale === "value" && words.classes.length === 2)) return null;
  return points.filter((point) => point.said > 0 === point.target > 0.5).length;
}

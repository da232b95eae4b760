/** The `layers` probe's frame, and the sizes of the gradients over the steps that were seen. Pure. */
import type { Frame } from "../../stores/frames";

export interface LayerNow {
  node: string;
  activation: string;
  gradient: number | null;
  weight: number;
  lo: number;
  hi: number;
  mean: number;
  std: number;
  /** Share of ReLUs that are zero for every example. */
  dead: number | null;
  /** Share of outputs near the ends of a sigmoid or tanh. */
  saturated: number | null;
  /** Heights of the distribution, the highest 1. */
  heights: number[];
}

export function readLayers({ header, floats }: Pick<Frame, "header" | "floats">): LayerNow[] {
  const layers = header.extra["layers"];
  const bins = header.shape[1] ?? 0;
  if (!Array.isArray(layers) || !floats) return [];
  return (layers as Omit<LayerNow, "heights">[]).map((layer, i) => {
    const counts = [...floats.subarray(i * bins, (i + 1) * bins)];
    const most = Math.max(1, ...counts);
    return { ...layer, heights: counts.map((count) => Math.sqrt(count / most)) };
  });
}

export interface Moment {
  step: number;
  /** One per layer; NaN where there is none. */
  gradients: number[];
}

export interface Past {
  /** Which network this is the past of. */
  key: string;
  moments: Moment[];
  /** The layers as they were at step 0, if that was seen. */
  first: LayerNow[] | null;
}

const MOST = 300;
export const noPast = (key: string): Past => ({ key, moments: [], first: null });

/** The past with this moment in its place; every other one is forgotten where there are too many. */
export function remembered(past: Past, key: string, step: number, layers: readonly LayerNow[]): Past {
  const known = past.key === key ? past : noPast(key);
  const gradients = layers.map(({ gradient }) => gradient ?? NaN);
  const others = known.moments.filter((moment) => moment.step !== step);
  const moments = [...others, { step, gradients }].sort((a, b) => a.step - b.step);
  const thinned = moments.length > MOST ? moments.filter((_, i) => i % 2 === 0 || i === moments.length - 1) : moments;
  return { key, moments: thinned, first: step === 0 ? [...layers] : known.first };
}

/** First over last: how much of the gradient arrives at the first layer; null where nothing can be said. */
export function arriving(layers: readonly LayerNow[]): number | null {
  const told = layers.filter(({ gradient }) => gradient !== null);
  const [first, last] = [told[0]?.gradient ?? 0, told.at(-1)?.gradient ?? 0];
  return told.length > 1 && last > 0 ? first / last : null;
}

/** From the first layer to the last, early ones darker. */
export function shade(i: number, count: number): string {
  const part = count > 1 ? Math.round((100 * i) / (count - 1)) : 0;
  return `color-mix(in oklab, var(--positive) ${part}%, var(--negative))`;
}

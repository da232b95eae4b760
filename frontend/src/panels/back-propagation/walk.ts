/** Back-propagation of one example as a walk: layer by layer forwards, the loss, and back. Pure. */
import { numberIn, numbersIn, textIn, textsIn, type Extra } from "../../math/extra";

export interface WalkLayer {
  id: string;
  kind: string;
  sources: string[];
  /** Units in all; the arrays hold some of them, from unit `first` on. */
  size: number;
  first: number;
  /** Whose window this layer shows: its own, or that of what it works on number by number. */
  root: string;
  values: number[];
  /** Of the loss for the values; null where nothing learns in front of them. */
  gradient: number[] | null;
  /** Of the curve where its input lies. */
  slope: number[] | null;
  /** A row a unit. */
  weights: number[][] | null;
  bias: number[] | null;
}

/** One weight, taken through the chain rule. */
export interface Chosen {
  layer: string;
  unit: number;
  input: number;
  weight: number;
  value: number;
  delta: number;
  gradient: number;
}

export interface Walk {
  layers: WalkLayer[];
  output: string;
  loss: number;
  target: number[];
  classes: string[];
  chosen: Chosen | null;
  /** Why there is nothing to show, in words. */
  problem: string;
}

type Open = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Open => typeof value === "object" && value !== null;
const list = (raw: Open, key: string): number[] | null => (Array.isArray(raw[key]) ? numbersIn(raw, key) : null);

function readLayer(raw: unknown): WalkLayer[] {
  if (!isRecord(raw)) return [];
  const rows = raw["weights"];
  return [
    {
      id: textIn(raw, "id"),
      kind: textIn(raw, "kind"),
      sources: textsIn(raw, "sources"),
      size: numberIn(raw, "size", 0),
      first: numberIn(raw, "first", 0),
      root: textIn(raw, "root", textIn(raw, "id")),
      values: numbersIn(raw, "values"),
      gradient: list(raw, "gradient"),
      slope: list(raw, "slope"),
      weights: Array.isArray(rows) ? rows.map((row) => numbersIn({ row }, "row")) : null,
      bias: list(raw, "bias"),
    },
  ];
}

function readChosen(raw: unknown): Chosen | null {
  if (!isRecord(raw)) return null;
  const { layer } = raw;
  const [unit, input, weight] = [numberIn(raw, "unit"), numberIn(raw, "input"), numberIn(raw, "weight")];
  const [value, delta, gradient] = [numberIn(raw, "value"), numberIn(raw, "delta"), numberIn(raw, "gradient")];
  return { layer: String(layer), unit, input, weight, value, delta, gradient };
}

export function readWalk(extra: Extra): Walk {
  const layers = Array.isArray(extra["layers"]) ? extra["layers"].flatMap(readLayer) : [];
  return {
    layers,
    output: textIn(extra, "output"),
    loss: numberIn(extra, "loss"),
    target: numbersIn(extra, "target"),
    classes: textsIn(extra, "classes"),
    chosen: readChosen(extra["chosen"]),
    problem: textIn(extra, "problem"),
  };
}

/** Where the walk stands: at a layer on the way out, at the loss, at a layer on the way back, at the update. */
export type Stop =
  { phase: "forward" | "backward"; layer: number } | { phase: "loss"; layer: -1 } | { phase: "update"; layer: number };

/** Every stop in order. */
export function stopsOf({ layers, chosen }: Pick<Walk, "layers" | "chosen">): Stop[] {
  const forward = layers.map((_, layer): Stop => ({ phase: "forward", layer }));
  const back = layers.flatMap(({ gradient }, layer): Stop[] => (gradient ? [{ phase: "backward", layer }] : []));
  const at = layers.findIndex(({ id }) => id === chosen?.layer);
  const update: Stop[] = at < 0 ? [] : [{ phase: "update", layer: at }];
  return [...forward, { phase: "loss", layer: -1 }, ...back.reverse(), ...update];
}

/** One factor chain of a unit's gradient: what a reader sends back. */
export interface Factor {
  /** The reader, and its unit where it is a dense layer. */
  reader: string;
  unit: number;
  /** The local derivative: the weight or the slope. */
  factor: number;
  /** What is known already, from the step before. */
  delta: number;
}

/** A number of that unit; NaN where it is outside of the window. */
export const of = (layer: WalkLayer | undefined, numbers: readonly number[] | null, unit: number): number =>
  numbers?.[unit - (layer?.first ?? 0)] ?? NaN;

/** What makes the gradient of one unit's value: a factor for each number that reads it, as far as they are shown. */
export function factorsOf({ layers }: Pick<Walk, "layers">, id: string, unit: number): Factor[] {
  const own = layers.find((layer) => layer.id === id);
  return layers.flatMap((reader) => {
    const { gradient, kind, weights, slope } = reader;
    if (!gradient || !reader.sources.includes(id)) return [];
    if (kind === "linear" && weights)
      return gradient.map((delta, k) => {
        const factor = of(own, weights[k] ?? null, unit);
        return { reader: reader.id, unit: reader.first + k, factor, delta };
      });
    if (slope) return [{ reader: reader.id, unit, factor: of(reader, slope, unit), delta: of(reader, gradient, unit) }];
    return joined(layers, reader, id, unit);
  });
}

/** Through a sum, a product or a joining of vectors. */
function joined(layers: readonly WalkLayer[], reader: WalkLayer, id: string, unit: number): Factor[] {
  const before = reader.sources.map((source) => layers.find((layer) => layer.id === source));
  return reader.sources.flatMap((source, i) => {
    if (source !== id) return [];
    const shift =
      reader.kind === "concatenate" ? before.slice(0, i).reduce((sum, one) => sum + (one?.size ?? 0), 0) : 0;
    const others = before.filter((_, j) => j !== i);
    const factor =
      reader.kind === "multiply" ? others.reduce((all, one) => all * of(one, one?.values ?? null, unit), 1) : 1;
    return [{ reader: reader.id, unit: unit + shift, factor, delta: of(reader, reader.gradient, unit + shift) }];
  });
}

/** How often a number that was sent back is used again: for its weights, its bias, and all that is in front of it. */
export function usesOf({ layers }: Pick<Walk, "layers">, layer: WalkLayer): number {
  const inputs = layers.filter(({ id }) => layer.sources.includes(id));
  const width = inputs.reduce((sum, { size }) => sum + size, 0);
  const back = inputs.reduce((sum, { gradient, size }) => sum + (gradient ? size : 0), 0);
  if (layer.kind === "linear") return width + (layer.bias ? 1 : 0) + back;
  return layer.kind === "concatenate" ? 1 : inputs.length;
}

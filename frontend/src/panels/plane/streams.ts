/** What the playground watches, and reading it. Pure but for the types. */
import { numberIn, textIn, textsIn, type Extra } from "../../math/extra";
import type { Values } from "../../math/values";
import type { Frame, WatchRequest } from "../../stores/frames";
import { blocks } from "../wiring";
import type { PlayModel } from "./model";

/** Places across: few while it trains, so that 30 pictures a second cost little; many once it stands still. */
export const placesAcross = (training: boolean): number => (training ? 40 : 100);
/** Of which every second one makes the small pictures. */
const EVERY = 2;

export const neuronsRequest = (model: PlayModel, training: boolean): WatchRequest => ({
  probe: "neurons",
  options: { nodes: model.layers.map((layer) => layer.shown), size: placesAcross(training), every: EVERY },
  rate: 30,
});

interface Block {
  node: string;
  first: number;
  count: number;
  lo: number;
  hi: number;
}

/** Where each layer's pictures lie in a frame of the probe `neurons`. */
export const neuronBlocks = (extra: Extra): Block[] =>
  blocks(extra).map((layer) => ({
    node: textIn(layer, "node"),
    first: numberIn(layer, "first", 0),
    count: numberIn(layer, "count", 0),
    lo: numberIn(layer, "lo", 0),
    hi: numberIn(layer, "hi", 0),
  }));

/** One unit's picture out of such a frame: small, but there at once. */
export function unitValues(frame: Frame | undefined, node: string, unit: number): Values | null {
  const block = frame && neuronBlocks(frame.header.extra).find((one) => one.node === node);
  if (!frame?.bytes || !block || unit >= block.count) return null;
  const [, height = 1, width = 1] = frame.header.shape;
  const start = (block.first + unit) * height * width;
  return {
    shape: [1, height, width],
    axes: ["unit", "y", "x"],
    lo: block.lo,
    hi: block.hi,
    bytes: frame.bytes.subarray(start, start + height * width),
    floats: null,
  };
}

export interface Path {
  /** Outputs of each node for the point. */
  outputs: Map<string, Float32Array>;
  /** −1..1 for two classes, probabilities for more, else a value. */
  said: number[];
  scale: string;
  classes: string[];
  /** Class or value that it really has. */
  target: number | null;
}

export function readPath(frame: Frame): Path {
  const floats = frame.floats ?? new Float32Array(0);
  const { extra } = frame.header;
  const outputs = new Map(
    blocks(extra).map((layer) => {
      const first = numberIn(layer, "first", 0);
      return [textIn(layer, "node"), floats.subarray(first, first + numberIn(layer, "count", 0))] as const;
    }),
  );
  const target = numberIn(extra, "target");
  return {
    outputs,
    said: [...floats.subarray(numberIn(extra, "said", floats.length))],
    scale: textIn(extra, "scale"),
    classes: textsIn(extra, "classes"),
    target: Number.isFinite(target) ? target : null,
  };
}

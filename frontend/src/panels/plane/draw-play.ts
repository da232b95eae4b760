/** Drawing the playground: wires, and the small pictures of inputs and neurons. CSS pixels on a scaled context. */
import { fixed } from "../../math/format";
import { reachOf, reachTable } from "../../math/plane";
import type { Tables } from "../../math/tables";
import type { Frame } from "../../stores/frames";
import type { Layout, Spot, Wire } from "./geometry";
import { FEATURES, type PlayModel } from "./model";
import { neuronBlocks } from "./streams";

const THINNEST = 0.4;
const WIDEST = 6.5;

export interface WireLook {
  negative: string;
  positive: string;
  accent: string;
  paper: string;
  /** Only these count; the others fade. */
  stressed: ((wire: Wire) => boolean) | null;
  /** The wire under the pointer or with the focus. */
  read: Wire | null;
}

/** Width in pixels for a strength, where `largest` is the strongest of all. */
export const wireWidth = (strength: number, largest: number): number =>
  THINNEST + (WIDEST - THINNEST) * Math.min(1, Math.abs(strength) / largest) ** 0.75;

function trace(g: CanvasRenderingContext2D, wire: Wire): void {
  const bend = (wire.x0 + wire.x1) / 2;
  g.beginPath();
  g.moveTo(wire.x0, wire.y0);
  g.bezierCurveTo(bend, wire.y0, bend, wire.y1, wire.x1, wire.y1);
}

/** `strengths`: one per wire, a weight or a signal; NaN where it is not known yet. */
export function drawWires(
  g: CanvasRenderingContext2D,
  wires: readonly Wire[],
  strengths: Float32Array,
  look: WireLook,
): void {
  let largest = 1;
  for (const strength of strengths) if (Math.abs(strength) > largest) largest = Math.abs(strength);
  g.lineCap = "round";
  for (const [i, wire] of wires.entries()) {
    const strength = strengths[i] ?? NaN;
    if (!Number.isFinite(strength)) continue;
    const share = Math.min(1, Math.abs(strength) / largest);
    const faded = look.stressed && !look.stressed(wire);
    g.globalAlpha = faded ? 0.07 : look.stressed ? 0.45 + 0.55 * share : 0.3 + 0.6 * share ** 0.6;
    g.strokeStyle = strength < 0 ? look.negative : look.positive;
    g.lineWidth = wireWidth(strength, largest);
    trace(g, wire);
    g.stroke();
    if (wire === look.read) {
      g.globalAlpha = 1;
      g.strokeStyle = look.accent;
      g.lineWidth = Math.max(2.5, g.lineWidth + 1.5);
      g.stroke();
    }
  }
  g.globalAlpha = 1;
}

/** Pictures of the inputs, which never change: one canvas per input and theme. */
export function inputPictures(lo: number, hi: number, tables: Tables, size = 40): HTMLCanvasElement[] {
  return FEATURES.map(({ of }) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    const g = canvas.getContext("2d");
    const at = (i: number): number => lo + ((i + 0.5) / size) * (hi - lo);
    const values = Float32Array.from({ length: size * size }, (_, i) =>
      of(at(i % size), at(size - 1 - Math.floor(i / size))),
    );
    const reach = reachOf(values);
    const table = reachTable(tables, -reach, reach, reach);
    const image = g?.createImageData(size, size);
    if (!g || !image) return canvas;
    const pixels = new Uint32Array(image.data.buffer);
    values.forEach((value, i) => (pixels[i] = table[Math.round(127.5 + 127.5 * (value / reach))] ?? 0));
    g.putImageData(image, 0, 0);
    return canvas;
  });
}

/** Keeps every neuron's picture in one canvas, one below the other. */
export class NeuronSheet {
  readonly canvas = document.createElement("canvas");
  private image: ImageData | null = null;
  private pixels = new Uint32Array(0);
  private size = 0;
  private places = new Map<string, { first: number; count: number }>();

  fill(frame: Frame, tables: Tables): void {
    const [count = 0, height = 1, width = 1] = frame.header.shape;
    const { canvas } = this;
    const bytes = frame.bytes;
    const g = canvas.getContext("2d");
    if (!bytes || !g) return;
    if (!this.image || canvas.width !== width || canvas.height !== count * height) {
      canvas.width = width;
      canvas.height = count * height;
      this.image = g.createImageData(width, count * height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    this.size = height;
    this.places.clear();
    for (const block of neuronBlocks(frame.header.extra)) {
      this.places.set(block.node, { first: block.first, count: block.count });
      const table = reachTable(tables, block.lo, block.hi, reachOf([block.lo, block.hi]));
      const end = (block.first + block.count) * height * width;
      for (let i = block.first * height * width; i < end; i++) this.pixels[i] = table[bytes[i] as number] as number;
    }
    g.putImageData(this.image, 0, 0);
  }

  /** false where there is no such picture (yet). */
  draw(g: CanvasRenderingContext2D, node: string, unit: number, { x, y, side }: Spot): boolean {
    const place = this.places.get(node);
    if (!place || unit >= place.count) return false;
    const { size } = this;
    const top = (place.first + unit) * size;
    g.drawImage(this.canvas, 0, top, size, size, x - side / 2, y - side / 2, side, side);
    return true;
  }
}

export interface PictureLook {
  line: string;
  sunken: string;
}

export function drawPictures(
  g: CanvasRenderingContext2D,
  model: PlayModel,
  layout: Layout,
  inputs: readonly HTMLCanvasElement[],
  sheet: NeuronSheet,
  look: PictureLook,
): void {
  g.imageSmoothingEnabled = true;
  const frame = (spot: Spot): void => {
    g.strokeStyle = look.line;
    g.lineWidth = 1;
    g.strokeRect(spot.x - spot.side / 2 + 0.5, spot.y - spot.side / 2 + 0.5, spot.side - 1, spot.side - 1);
  };
  for (const [i, input] of model.inputs.entries()) {
    const spot = layout.columns[0]?.spots[i];
    const picture = inputs[i];
    if (!spot || !picture) continue;
    g.globalAlpha = input.on ? 1 : 0.25;
    g.drawImage(picture, spot.x - spot.side / 2, spot.y - spot.side / 2, spot.side, spot.side);
    frame(spot);
    g.globalAlpha = 1;
  }
  for (const [column, layer] of model.layers.entries())
    for (const [unit, spot] of (layout.columns[column + 1]?.spots ?? []).entries()) {
      if (!sheet.draw(g, layer.shown, unit, spot)) {
        g.fillStyle = look.sunken;
        g.fillRect(spot.x - spot.side / 2, spot.y - spot.side / 2, spot.side, spot.side);
      }
      frame(spot);
    }
}

export interface ValueLook {
  ink: string;
  surface: string;
  font: string;
  negative: string;
  positive: string;
}

/** One neuron on a lit path: where the point lies in its picture, and its value for it. `last`: of the output. */
export function drawValue(
  g: CanvasRenderingContext2D,
  spot: Spot,
  value: number,
  at: { x: number; y: number } | null,
  strength: number,
  last: boolean,
  look: ValueLook,
): void {
  const [left, top] = [spot.x - spot.side / 2, spot.y - spot.side / 2];
  g.strokeStyle = value < 0 ? look.negative : look.positive;
  g.globalAlpha = 0.25 + 0.75 * Math.min(1, strength);
  g.lineWidth = 3;
  g.strokeRect(left - 1.5, top - 1.5, spot.side + 3, spot.side + 3);
  g.globalAlpha = 1;
  if (at) {
    g.beginPath();
    g.arc(left + at.x * spot.side, top + at.y * spot.side, 2.6, 0, 2 * Math.PI);
    g.fillStyle = look.surface;
    g.strokeStyle = look.ink;
    g.lineWidth = 1.4;
    g.fill();
    g.stroke();
  }
  const text = fixed(value, 2);
  g.font = `600 10.5px ${look.font}`;
  const width = g.measureText(text).width + 8;
  // Small pictures would be hidden by their number: it stands beside them.
  const beside = spot.side < 40 && !last;
  const x = last ? spot.x - width / 2 : spot.x + spot.side / 2 + (beside ? 4 : 7 - width);
  const y = beside ? spot.y - 7 : spot.y + spot.side / 2 - 9;
  g.fillStyle = look.surface;
  g.strokeStyle = look.ink;
  g.lineWidth = 1;
  g.beginPath();
  g.roundRect(x, y, width, 14, 4);
  g.fill();
  g.globalAlpha = 0.35;
  g.stroke();
  g.globalAlpha = 1;
  g.fillStyle = look.ink;
  g.textAlign = "center";
  g.textBaseline = "middle";
  g.fillText(text, x + width / 2, y + 7.5);
}

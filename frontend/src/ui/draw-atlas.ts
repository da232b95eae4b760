import { drawAtlas, fittingBlock, layoutAtlas, squareColumns, type AtlasLayout } from "../math/atlas";
import { byteTable, entry, type ColorMode, type Tables } from "../math/tables";
import { mapsOf, type Values } from "../math/values";

/** How an atlas is asked to look. Lengths in CSS pixels. */
export interface AtlasLook {
  mode: ColorMode;
  width: number;
  gap: number;
  columns?: number | undefined;
  /** Extra space after every `group` maps of a row. */
  group?: number | undefined;
  /** At most so many maps. */
  limit?: number | undefined;
}

/** The layout for a shape on a screen with `ratio` device pixels per CSS pixel. */
export function atlasFor(shape: readonly number[], look: AtlasLook, ratio: number): AtlasLayout {
  const maps = mapsOf(shape);
  const count = Math.min(maps.count, look.limit ?? 1024);
  const columns = Math.max(1, Math.min(count, look.columns ?? squareColumns(count)));
  const gap = Math.round(look.gap * ratio);
  const groupGap = look.group ? gap + Math.round(3 * ratio) : 0;
  const groups = look.group ? Math.ceil(columns / look.group) - 1 : 0;
  const block = fittingBlock(look.width * ratio - groups * groupGap, columns, maps.width, gap);
  return layoutAtlas({ ...maps, count, columns, block, gap, group: look.group ?? 0, groupGap });
}

/** Draws the values of one layer into one canvas, keeping its pixels and its colour table between frames. */
export class AtlasPainter {
  #image: ImageData | null = null;
  #pixels = new Uint32Array(0);
  #entries = new Uint8Array(0);
  readonly #table = new Uint32Array(256);
  readonly #context: CanvasRenderingContext2D;

  constructor(readonly canvas: HTMLCanvasElement) {
    const context = canvas.getContext("2d");
    if (!context) throw new Error("this browser has no 2D canvas");
    this.#context = context;
  }

  paint(values: Values, layout: AtlasLayout, mode: ColorMode, tables: Tables): void {
    const { canvasWidth: width, canvasHeight: height } = layout;
    if (this.canvas.width !== width || this.canvas.height !== height || !this.#image) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.#image = this.#context.createImageData(width, height);
      this.#pixels = new Uint32Array(this.#image.data.buffer);
    }
    if (values.bytes) {
      drawAtlas(this.#pixels, layout, values.bytes, byteTable(tables, mode, values.lo, values.hi, this.#table));
    } else {
      drawAtlas(this.#pixels, layout, this.#quantise(values, mode), tables[mode]);
    }
    this.#context.putImageData(this.#image, 0, 0);
  }

  #quantise(values: Values, mode: ColorMode): Uint8Array {
    const floats = values.floats ?? new Float32Array(0);
    if (this.#entries.length !== floats.length) this.#entries = new Uint8Array(floats.length);
    for (let i = 0; i < floats.length; i++) this.#entries[i] = entry(mode, floats[i] as number, values.lo, values.hi);
    return this.#entries;
  }
}

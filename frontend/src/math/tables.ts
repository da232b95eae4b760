/**
 * 256-entry colour tables of packed pixels. `signed`: negative – zero – positive, zero exactly at 128.
 * `ink`: pictures, background to ink. `magnitude`: one perceptually uniform ramp for counts and sizes.
 */

import { fromLab, mix, pack, parseColor, toLab, type Lab } from "./color";

export type ColorMode = "signed" | "ink" | "magnitude";

export interface Tables {
  signed: Uint32Array;
  ink: Uint32Array;
  magnitude: Uint32Array;
}

/** The colour tokens that the tables are made of, as CSS texts. */
export interface Tokens {
  negative: string;
  zero: string;
  positive: string;
  ink: string;
  surface: string;
}

/** Entry of `signed` that stands for 0; 1 is −1 and 255 is +1 (0 repeats 1). */
export const ZERO = 128;

const table = (color: (t: number) => Lab): Uint32Array =>
  Uint32Array.from({ length: 256 }, (_, i) => pack(fromLab(color(i / 255))));

function signedTable(tokens: Tokens): Uint32Array {
  const [negative, zero, positive] = [tokens.negative, tokens.zero, tokens.positive].map((c) => toLab(parseColor(c)));
  if (!negative || !zero || !positive) throw new Error("a signed table needs three colours");
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const t = Math.max(-127, i - ZERO) / 127;
    return pack(fromLab(mix(zero, t < 0 ? negative : positive, Math.abs(t))));
  });
}

/** Lightness runs straight from the background to its far end while the hue turns from green to indigo. */
function magnitudeTable(tokens: Tokens): Uint32Array {
  const zero = toLab(parseColor(tokens.zero));
  const dark = zero[0] < 0.5;
  const end = dark ? 0.9 : 0.3;
  const peak = dark ? 0.1 : 0.115;
  return table((t) => {
    const hue = ((dark ? 285 - 115 * t : 170 + 110 * t) * Math.PI) / 180;
    const chroma = peak * Math.sin(Math.PI * Math.min(1, 0.72 * t));
    const fade = Math.max(0, 1 - t * 8);
    const a = chroma * Math.cos(hue) + fade * zero[1];
    const b = chroma * Math.sin(hue) + fade * zero[2];
    return [zero[0] + (end - zero[0]) * t, a, b];
  });
}

export function makeTables(tokens: Tokens): Tables {
  const paper = toLab(parseColor(tokens.surface));
  const ink = toLab(parseColor(tokens.ink));
  return { signed: signedTable(tokens), ink: table((t) => mix(paper, ink, t)), magnitude: magnitudeTable(tokens) };
}

/** Where a value sits in a table: symmetric around 0 for `signed`, from `lo` to `hi` otherwise. */
export function entry(mode: ColorMode, value: number, lo: number, hi: number): number {
  if (!Number.isFinite(value)) return mode === "signed" ? ZERO : 0;
  if (mode === "signed") {
    const reach = Math.max(Math.abs(lo), Math.abs(hi));
    return reach > 0 ? ZERO + Math.round(127 * Math.max(-1, Math.min(1, value / reach))) : ZERO;
  }
  return hi > lo ? Math.round(255 * Math.max(0, Math.min(1, (value - lo) / (hi - lo)))) : 0;
}

/**
 * The table for quantised bytes of one frame (value = lo + byte/255·(hi − lo)): looking a byte up in it gives its
 * pixel without decoding it. Written into `into`, which is returned.
 */
export function byteTable(
  tables: Tables,
  mode: ColorMode,
  lo: number,
  hi: number,
  into = new Uint32Array(256),
): Uint32Array {
  const base = tables[mode];
  for (let byte = 0; byte < 256; byte++) into[byte] = base[entry(mode, lo + (byte / 255) * (hi - lo), lo, hi)] ?? 0;
  return into;
}

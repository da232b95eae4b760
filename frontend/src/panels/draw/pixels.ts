/** What is painted or taken from the computer, as the bytes that a set of pictures holds. Pure but for `fill`. */

export interface Ink {
  name: string;
  css: string;
}

/** The paper first. */
export const COLOURS: readonly Ink[] = [
  { name: "white", css: "#ffffff" },
  { name: "black", css: "#212121" },
  { name: "red", css: "#e53935" },
  { name: "yellow", css: "#fcc21b" },
  { name: "green", css: "#43a047" },
  { name: "blue", css: "#1e88e5" },
  { name: "brown", css: "#795548" },
];
export const GREYS: readonly Ink[] = [
  { name: "black", css: "#000000" },
  { name: "white", css: "#ffffff" },
  { name: "grey", css: "#808080" },
];

/** RGBA bytes -> bytes with the channels last; grey is the luma of ITU-R BT.601. */
export function toBytes(rgba: Uint8ClampedArray, channels: number): Uint8Array {
  const pixels = rgba.length / 4;
  const bytes = new Uint8Array(pixels * channels);
  for (let i = 0; i < pixels; i++) {
    const [r = 0, g = 0, b = 0] = rgba.subarray(4 * i, 4 * i + 3);
    if (channels === 3) bytes.set([r, g, b], 3 * i);
    else bytes[i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
  }
  return bytes;
}

/** The largest middle part of a picture that has the wanted proportion: left, top, width, height. */
export function square(width: number, height: number, proportion = 1): [number, number, number, number] {
  const wide = Math.min(width, height * proportion);
  const high = wide / proportion;
  return [(width - wide) / 2, (height - high) / 2, wide, high];
}

export function fill(g: CanvasRenderingContext2D, css: string): void {
  g.fillStyle = css;
  g.fillRect(0, 0, g.canvas.width, g.canvas.height);
}

/** The picture that excites a unit most, as its lines come in. Pure. */
import { number, percent, count } from "../../math/format";
import type { Values } from "../../math/values";
import type { DreamPicture } from "../../protocol/types";

export interface Wish {
  node: string;
  unit: number;
  steps: number;
  l2: number;
  variation: number;
  jitter: number;
  blur: number;
  seed: number;
}

/** What the server is asked. */
export const request = (wish: Wish): object => ({ kind: "dream", ...wish });

/** Bytes (C, H, W), black to white, as a picture that can be drawn. */
export function valuesOf({ pixels, shape }: Pick<DreamPicture, "pixels" | "shape">): Values {
  const bytes = Uint8Array.from(atob(pixels), (letter) => letter.charCodeAt(0));
  return { shape, axes: ["C", "H", "W"], lo: 0, hi: 255, bytes, floats: null };
}

/** `Step 40 of 200: 7 at score 12.3, taken for it with 99%`. */
export function progressWords(picture: DreamPicture, unit: string): string {
  const share = picture.share === null ? "" : `, which the network takes for it with ${percent(picture.share, 0)}`;
  return `Step ${count(picture.done)} of ${count(picture.total)}: ${unit} answers with ${number(picture.score)}${share}.`;
}

/** How many units a layer of these sizes has: its maps, or its numbers. */
export const unitsOf = (sizes: readonly (number | string)[]): number => {
  const [first] = sizes;
  return typeof first === "number" && (sizes.length === 1 || sizes.length === 3) ? first : 0;
};

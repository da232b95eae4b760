/** Where the network is looked at from. Pure. */
import type { Viewport } from "@xyflow/svelte";

import type { Sizes } from "./flow";
import { type Area, type Arrangement, fit } from "./layout";

export const FARTHEST = 0.08;
export const CLOSEST = 3;

/** What is shown in full, and where: the free area and its upper left corner on the canvas. */
export interface Window extends Area {
  left: number;
  top: number;
}

/** As large as it fits, in the middle from left to right. */
export function fitted(of: Pick<Arrangement, "width" | "height" | "left" | "top">, into: Window): Viewport {
  const zoom = fit(of, into);
  return {
    zoom,
    x: into.left + (into.width - of.width * zoom) / 2 - (of.left ?? 0) * zoom,
    y: into.top + Math.max(0, (into.height - of.height * zoom) / 2) - (of.top ?? 0) * zoom,
  };
}

/** Nearer or farther, the middle of the canvas staying where it is. */
export function zoomed(from: Viewport, factor: number, width: number, height: number): Viewport {
  const zoom = Math.min(CLOSEST, Math.max(FARTHEST, from.zoom * factor));
  const ratio = zoom / from.zoom;
  return { zoom, x: width / 2 - (width / 2 - from.x) * ratio, y: height / 2 - (height / 2 - from.y) * ratio };
}

/** The smallest box around these cards; null where none of them stands anywhere. */
export function boxAround(
  ids: readonly string[],
  arrangement: Arrangement | null,
  sizes: Sizes,
): Required<Pick<Arrangement, "width" | "height" | "left" | "top">> | null {
  const boxes = ids.flatMap((id) => {
    const place = arrangement?.places.get(id);
    const size = sizes[id];
    return place && size ? [{ ...place, ...size }] : [];
  });
  if (boxes.length === 0) return null;
  const left = Math.min(...boxes.map((box) => box.x));
  const top = Math.min(...boxes.map((box) => box.y));
  return {
    left,
    top,
    width: Math.max(...boxes.map((box) => box.x + box.width)) - left,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - top,
  };
}

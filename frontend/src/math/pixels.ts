/** Values of a picture as packed pixels. Pure. */
import { ZERO } from "./tables";
import { valueAt, type Values } from "./values";

/** Map `index` of (..., H, W) signed values, full colour at ±`reach`, by the page's signed table. */
export function signedPixels(values: Values, index: number, reach: number, signed: Uint32Array): Uint32Array {
  const [height = 1, width = 1] = values.shape.slice(-2);
  const size = height * width;
  return Uint32Array.from({ length: size }, (_, i) => {
    const value = valueAt(values, index * size + i);
    const share = reach > 0 && Number.isFinite(value) ? Math.min(1, Math.max(-1, value / reach)) : 0;
    return signed[ZERO + Math.round(127 * share)] ?? 0;
  });
}

/** The largest distance from zero of any finite value; 0 for none. */
export function reachOf(values: Values): number {
  let reach = 0;
  for (const value of values.floats ?? []) if (Number.isFinite(value)) reach = Math.max(reach, Math.abs(value));
  return reach;
}

/** Weights as pixels, those that are pruned left out. Pure but for the context. */
import { ZERO } from "../../math/tables";

/** `values`: (units, inputs), 0 where pruned. One pixel a weight, transparent where there is none. */
export function missingPixels(values: Float32Array, table: Uint32Array): Uint32Array {
  let reach = 0;
  for (const value of values) if (Number.isFinite(value)) reach = Math.max(reach, Math.abs(value));
  return Uint32Array.from(values, (value) =>
    value === 0 || !Number.isFinite(value) ? 0 : (table[ZERO + Math.round((127 * value) / (reach || 1))] ?? 0),
  );
}

export function drawMissing(
  g: CanvasRenderingContext2D,
  values: Float32Array,
  inputs: number,
  units: number,
  table: Uint32Array,
): void {
  const image = g.createImageData(inputs, units);
  new Uint32Array(image.data.buffer).set(missingPixels(values, table).subarray(0, inputs * units));
  g.putImageData(image, 0, 0);
}

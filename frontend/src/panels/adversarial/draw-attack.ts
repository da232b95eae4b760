/** Pictures of adversarial examples: pixels of a picture or of a change, and points with where they went. */
import { classStyle } from "../../math/classes";
import { planeScale } from "../../math/plane";
import { ZERO } from "../../math/tables";
import type { Palette } from "../../ui/palette";

/** (C, H, W) values in 0..1 as pixels: grey in the page's ink, or red, green and blue. */
export function picturePixels(values: Float32Array, channels: number, ink: Uint32Array): Uint32Array {
  const places = values.length / Math.max(1, channels);
  const byte = (value: number | undefined): number => Math.round(255 * Math.min(1, Math.max(0, value ?? 0)));
  return Uint32Array.from({ length: places }, (_, i) =>
    channels === 3
      ? ((255 << 24) | (byte(values[2 * places + i]) << 16) | (byte(values[places + i]) << 8) | byte(values[i])) >>> 0
      : (ink[byte(values[i])] ?? 0),
  );
}

/** (C, H, W) signed changes of at most `reach`, of the first channel, in the page's colours. */
export function changePixels(values: Float32Array, channels: number, reach: number, signed: Uint32Array): Uint32Array {
  const places = values.length / Math.max(1, channels);
  return Uint32Array.from({ length: places }, (_, i) => {
    const share = reach > 0 ? Math.min(1, Math.max(-1, (values[i] ?? 0) / reach)) : 0;
    return signed[ZERO + Math.round(127 * share)] ?? 0;
  });
}

/** `rows`: x₁, x₂, both after the change, class, said before, said after. Ringed: right before, wrong now. */
export function drawPoints(
  g: CanvasRenderingContext2D,
  rows: Float32Array,
  range: readonly [number, number],
  side: number,
  { token }: Palette,
): void {
  const scale = planeScale(range[0], range[1], side);
  g.clearRect(0, 0, side, side);
  g.lineWidth = 1;
  for (let i = 0; i + 6 < rows.length; i += 7) {
    const [x = 0, y = 0, x2 = 0, y2 = 0, truth = 0, before = 0, after = 0] = rows.subarray(i, i + 7);
    const color = colorOf(truth, token);
    g.strokeStyle = g.fillStyle = color;
    g.globalAlpha = 0.5;
    g.beginPath();
    g.moveTo(scale.x(x), scale.y(y));
    g.lineTo(scale.x(x2), scale.y(y2));
    g.stroke();
    g.globalAlpha = 1;
    g.beginPath();
    g.arc(scale.x(x2), scale.y(y2), 2.6, 0, 7);
    g.fill();
    if (before === truth && after !== truth) {
      g.strokeStyle = token("--ink");
      g.beginPath();
      g.arc(scale.x(x2), scale.y(y2), 5, 0, 7);
      g.stroke();
    }
  }
}

/** Two classes have the two colours of data. */
const colorOf = (truth: number, token: Palette["token"]): string =>
  truth === 0 ? token("--negative") : truth === 1 ? token("--positive") : classStyle(truth).color;

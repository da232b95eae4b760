import { palette } from "./palette";
import { valueAt, type Values } from "../math/values";

/** Picture `index` of a stack (..., C, H, W): one channel as ink, three as colours (values 0..255). */
export function drawPicture(canvas: HTMLCanvasElement, values: Values, index: number): void {
  const [channels = 1, height = 1, width = 1] = values.shape.slice(-3);
  const context = canvas.getContext("2d");
  if (!context) return;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const image = context.createImageData(width, height);
  const size = width * height;
  const start = index * channels * size;
  if (channels === 3) {
    for (let i = 0; i < size; i++) {
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = valueAt(values, start + c * size + i);
      image.data[4 * i + 3] = 255;
    }
  } else {
    const pixels = new Uint32Array(image.data.buffer);
    const { ink } = palette();
    const { bytes, lo, hi } = values;
    for (let i = 0; i < size; i++) {
      const byte = bytes ? bytes[start + i] : 255 * ((valueAt(values, start + i) - lo) / (hi - lo || 1));
      pixels[i] = ink[Math.round(byte ?? 0)] as number;
    }
  }
  context.putImageData(image, 0, 0);
}

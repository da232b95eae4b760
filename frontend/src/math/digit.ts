/**
 * From a drawing to what MNIST's makers did with theirs: ink thinned to 28×28 grey levels, scaled to fit 20×20 and
 * centred by its mass (LeCun, Cortes, Burges, "The MNIST database", section on preprocessing).
 */

/** Grey levels 0..1, row by row. */
export interface Grey {
  data: Float32Array;
  width: number;
  height: number;
}

export const SIDE = 28;
const INNER = 20;

/** The smallest rectangle that holds all ink above `floor`; null for an empty drawing. */
export function inkBox(
  { data, width, height }: Grey,
  floor = 0.05,
): { left: number; top: number; width: number; height: number } | null {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let i = 0; i < data.length; i++) {
    if ((data[i] ?? 0) <= floor) continue;
    const x = i % width;
    const y = Math.floor(i / width);
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** Centre of mass in pixels; the middle of the picture for no ink. */
export function centreOfMass({ data, width, height }: Grey): [x: number, y: number] {
  let [mass, x, y] = [0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    const ink = data[i] ?? 0;
    mass += ink;
    x += ink * ((i % width) + 0.5);
    y += ink * (Math.floor(i / width) + 0.5);
  }
  return mass > 0 ? [x / mass, y / mass] : [width / 2, height / 2];
}

/** Overlap of the pixel `p` with the interval a..b. */
const overlap = (p: number, a: number, b: number): number => Math.max(0, Math.min(p + 1, b) - Math.max(p, a));

/**
 * Resample by area: output pixel (x, y) is the mean of the source over the square of side `scale` whose corner is
 * (left + x·scale, top + y·scale); outside the source there is no ink.
 */
export function resample(source: Grey, left: number, top: number, scale: number, width: number, height: number): Grey {
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const y0 = top + y * scale;
    for (let x = 0; x < width; x++) {
      const x0 = left + x * scale;
      let sum = 0;
      for (let v = Math.max(0, Math.floor(y0)); v < Math.min(source.height, y0 + scale); v++) {
        const down = overlap(v, y0, y0 + scale);
        for (let u = Math.max(0, Math.floor(x0)); u < Math.min(source.width, x0 + scale); u++) {
          sum += (source.data[v * source.width + u] ?? 0) * down * overlap(u, x0, x0 + scale);
        }
      }
      data[y * width + x] = sum / (scale * scale);
    }
  }
  return { data, width, height };
}

/** 28×28 bytes as the network will see them: just thinned, or also scaled to 20×20 and centred by mass. */
export function toDigit(drawing: Grey, centred: boolean): Uint8Array {
  const ink = inkBox(drawing);
  if (!ink) return new Uint8Array(SIDE * SIDE);
  let [left, top, scale] = [0, 0, drawing.width / SIDE];
  if (centred) {
    scale = Math.max(ink.width, ink.height) / INNER;
    const [x, y] = centreOfMass(drawing);
    left = x - (SIDE / 2) * scale;
    top = y - (SIDE / 2) * scale;
  }
  const small = resample(drawing, left, top, scale, SIDE, SIDE);
  return Uint8Array.from(small.data, (value) => Math.round(255 * Math.min(1, value)));
}

/** Distance from point p to the segment a–b, in the same unit as the points. */
export function distance(px: number, py: number, ax: number, ay: number, bx: number, by: number): number {
  const [dx, dy] = [bx - ax, by - ay];
  const square = dx * dx + dy * dy;
  const t = square > 0 ? Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / square)) : 0;
  return Math.hypot(px - ax - t * dx, py - ay - t * dy);
}

/** A round brush of that radius drawn from a to b into the drawing, with an edge one pixel soft. */
export function stroke(
  drawing: Grey,
  a: readonly [number, number],
  b: readonly [number, number],
  radius: number,
): void {
  const reach = radius + 1;
  const { width, height, data } = drawing;
  const [x0, x1] = [Math.floor(Math.min(a[0], b[0]) - reach), Math.ceil(Math.max(a[0], b[0]) + reach)];
  const [y0, y1] = [Math.floor(Math.min(a[1], b[1]) - reach), Math.ceil(Math.max(a[1], b[1]) + reach)];
  for (let y = Math.max(0, y0); y < Math.min(height, y1); y++) {
    for (let x = Math.max(0, x0); x < Math.min(width, x1); x++) {
      const away = distance(x + 0.5, y + 0.5, a[0], a[1], b[0], b[1]);
      const ink = Math.max(0, Math.min(1, radius - away + 0.5));
      data[y * width + x] = Math.max(data[y * width + x] ?? 0, ink);
    }
  }
}

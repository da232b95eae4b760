/** Drawing a map and the ways over it, in CSS pixels on a scaled context. */
import { shapePath } from "../../math/classes";
import type { Lane } from "../lanes";
import { contours, depth, type Landscape, mapScale, type Way } from "./map";

export interface MapLook {
  /** 256 packed pixels from low to high. */
  ramp: Uint32Array;
  ink: string;
  paper: string;
}

/** Heights as shades and lines; drawn once per landscape. */
export function drawMap(g: CanvasRenderingContext2D, map: Landscape, side: number, look: MapLook): void {
  const small = new ImageData(map.size, map.size);
  const pixels = new Uint32Array(small.data.buffer);
  const deep = depth(map);
  // Only the lighter half of the ramp: ways and lines stay readable on it.
  map.heights.forEach((height, i) => (pixels[i] = look.ramp[Math.round(140 * deep(height))] ?? 0));
  const buffer = new OffscreenCanvas(map.size, map.size);
  buffer.getContext("2d")?.putImageData(small, 0, 0);
  g.imageSmoothingEnabled = true;
  g.drawImage(buffer, 0, 0, side, side);
  const cell = side / map.size;
  g.strokeStyle = look.ink;
  g.globalAlpha = 0.22;
  g.lineWidth = 0.8;
  for (const line of contours(map)) {
    g.beginPath();
    for (const [x0, y0, x1, y1] of line) {
      g.moveTo(x0 * cell, y0 * cell);
      g.lineTo(x1 * cell, y1 * cell);
    }
    g.stroke();
  }
  g.globalAlpha = 1;
  const { x, y } = mapScale(map, side);
  g.lineWidth = 1.5;
  for (const [mx, my] of map.minima) {
    g.beginPath();
    g.arc(x(mx), y(my), 5, 0, 2 * Math.PI);
    g.moveTo(x(mx) - 3, y(my));
    g.lineTo(x(mx) + 3, y(my));
    g.moveTo(x(mx), y(my) - 3);
    g.lineTo(x(mx), y(my) + 3);
    g.stroke();
  }
}

export interface Walk {
  lane: Lane;
  way: readonly Way[];
}

export function drawWays(
  g: CanvasRenderingContext2D,
  map: Landscape,
  side: number,
  walks: readonly Walk[],
  lit: string,
  look: Pick<MapLook, "paper">,
): void {
  const { x, y } = mapScale(map, side);
  const within = (place: number): number => Math.max(-2 * side, Math.min(3 * side, place));
  g.lineJoin = "round";
  for (const { lane, way } of walks) {
    g.globalAlpha = lit && lit !== lane.id ? 0.15 : 1;
    for (const [color, width] of [
      [look.paper, lit === lane.id ? 5 : 3.6],
      [lane.style.color, lit === lane.id ? 3 : 1.8],
    ] as const) {
      g.strokeStyle = color;
      g.lineWidth = width;
      g.beginPath();
      way.forEach((at, i) =>
        i ? g.lineTo(within(x(at.x)), within(y(at.y))) : g.moveTo(within(x(at.x)), within(y(at.y))),
      );
      g.stroke();
    }
    const last = way.at(-1);
    if (!last) continue;
    g.save();
    g.translate(within(x(last.x)), within(y(last.y)));
    g.scale(6, 6);
    const mark = new Path2D(shapePath(lane.style.shape));
    g.fillStyle = lane.style.color;
    g.fill(mark);
    g.lineWidth = 0.25;
    g.strokeStyle = look.paper;
    g.stroke(mark);
    g.restore();
  }
  g.globalAlpha = 1;
}

/** Draws the bent plane: a lattice of lines, the data, and the border that the output draws. */
import { type ClassStyle, shapePath } from "../../math/classes";
import type { Stage } from "./stages";

export interface BendLook {
  line: string;
  edge: string;
  ink: string;
  paper: string;
  classes: readonly ClassStyle[];
  /** Of what has no class. */
  plain: string;
}

const MARGIN = 12;
const RADIUS = 3.2;

export function drawBend(
  g: CanvasRenderingContext2D,
  places: Float32Array,
  grid: number,
  labels: readonly number[],
  border: { ends: Stage["border"]; strength: number },
  look: BendLook,
  side: number,
): void {
  const half = side / 2;
  const scale = half - MARGIN;
  const x = (place: number): number => half + scale * (places[2 * place] ?? 0);
  const y = (place: number): number => half - scale * (places[2 * place + 1] ?? 0);
  g.clearRect(0, 0, side, side);

  const line = (start: number, step: number): void => {
    g.moveTo(x(start), y(start));
    for (let i = 1; i < grid; i++) g.lineTo(x(start + i * step), y(start + i * step));
  };
  for (const outside of [false, true]) {
    g.beginPath();
    for (let i = 0; i < grid; i++) {
      if ((i === 0 || i === grid - 1) !== outside) continue;
      line(i * grid, 1);
      line(i, grid);
    }
    g.strokeStyle = outside ? look.edge : look.line;
    g.lineWidth = 1;
    g.stroke();
  }

  const shapes = look.classes.map(({ shape }) => new Path2D(shapePath(shape)));
  labels.forEach((label, i) => {
    const own = look.classes[label];
    g.save();
    g.translate(x(grid * grid + i), y(grid * grid + i));
    g.scale(RADIUS, RADIUS);
    g.fillStyle = own?.color ?? look.plain;
    g.strokeStyle = look.paper;
    g.lineWidth = 0.9 / RADIUS;
    const shape = shapes[label];
    if (shape) {
      g.fill(shape);
      g.stroke(shape);
    }
    g.restore();
  });

  if (border.ends && border.strength > 0) {
    const [x0, y0, x1, y1] = border.ends;
    g.globalAlpha = border.strength;
    g.strokeStyle = look.ink;
    g.lineWidth = 1.5;
    g.beginPath();
    g.moveTo(half + scale * x0, half - scale * y0);
    g.lineTo(half + scale * x1, half - scale * y1);
    g.stroke();
    g.globalAlpha = 1;
  }
}

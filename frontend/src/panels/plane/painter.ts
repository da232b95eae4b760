/** The two canvases of the large picture: surface with its borders below, data above, each drawn when it changes. */
import { classLooks, type ClassStyle } from "../../math/classes";
import { classLines, type Segment, winners, zeroLine } from "../../math/plane";
import type { Values } from "../../math/values";
import { palette, type Palette } from "../../ui/palette";
import { drawLines, drawPoints, fillSurface, fillWinners, shadesOf, SURFACE, type PlanePoints } from "./draw-plane";

/** The context of a square canvas of `side` CSS pixels, cleared and scaled; null while there is no place. */
function fresh(canvas: HTMLCanvasElement | undefined, side: number): CanvasRenderingContext2D | null {
  const g = canvas?.getContext("2d");
  if (!canvas || !g || side < 8) return null;
  const ratio = Math.min(3, window.devicePixelRatio || 1);
  const pixels = Math.round(side * ratio);
  if (canvas.width !== pixels) canvas.width = canvas.height = pixels;
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.clearRect(0, 0, side, side);
  return g;
}

const looksOf = (classes: number, { token }: Palette): ClassStyle[] =>
  classLooks(classes, token("--negative"), token("--positive"));

export class PlanePainter {
  private readonly small = document.createElement("canvas");
  private shades: Uint32Array[] = [];
  private of: Palette | null = null;

  /**
   * `competing`: number of classes whose winner is shown; 0 for one signed surface, with its zero line if `border` and
   * thin lines where it is ±`margin` (0: none).
   */
  surface(
    canvas: HTMLCanvasElement | undefined,
    side: number,
    values: Values,
    competing: number,
    reach: number,
    border: boolean,
    margin = 0,
  ): void {
    const g = fresh(canvas, side);
    const inner = this.small.getContext("2d");
    if (!g || !inner) return;
    const colors = palette();
    const size = values.shape.at(-1) ?? 1;
    if (this.small.width !== size) this.small.width = this.small.height = size;
    const image = inner.createImageData(size, size);
    let lines: Segment[];
    if (competing > 0 && (values.shape[0] ?? 1) > 1) {
      const { winner, sure } = winners(values, size);
      fillWinners(image, winner, sure, this.shadesFor(competing, colors));
      lines = classLines(values, size, winner);
    } else {
      fillSurface(image, values, colors, reach);
      lines = border ? zeroLine(values, size) : [];
    }
    inner.putImageData(image, 0, 0);
    g.imageSmoothingEnabled = true;
    g.fillStyle = colors.token("--zero");
    g.fillRect(0, 0, side, side);
    g.globalAlpha = competing > 0 ? 0.8 : SURFACE;
    g.drawImage(this.small, 0, 0, side, side);
    g.globalAlpha = 1;
    drawLines(g, lines, size, side, colors.token("--ink"));
    if (margin > 0 && competing === 0)
      for (const level of [-margin, margin])
        drawLines(g, zeroLine(values, size, 0, level), size, side, colors.token("--ink-2"), 0.8);
  }

  data(
    canvas: HTMLCanvasElement | undefined,
    side: number,
    marks: readonly PlanePoints[],
    plane: { lo: number; hi: number; reach: number },
    classes: number,
  ): void {
    const g = fresh(canvas, side);
    if (!g) return;
    const colors = palette();
    const look = {
      ...plane,
      ink: colors.token("--ink"),
      paper: colors.token("--surface"),
      classes: looksOf(classes, colors),
      accent: colors.token("--accent"),
    };
    for (const points of marks) drawPoints(g, points, look, side, colors);
  }

  private shadesFor(classes: number, colors: Palette): Uint32Array[] {
    if (this.of !== colors || this.shades.length !== classes) {
      this.of = colors;
      this.shades = shadesOf(looksOf(classes, colors), colors.token("--zero"));
    }
    return this.shades;
  }
}

/** Drawing a network whose dropped units are missing, in CSS pixels on a scaled context. */
import type { LayerWeights } from "../wiring";
import type { Column, Spot } from "./columns";

export interface ThinnedLook {
  negative: string;
  positive: string;
  ink: string;
  faint: string;
  surface: string;
}

const RADIUS = 4.2;

/** `works`: by column, whether a unit is there. Connections of missing units are missing as well. */
export function drawThinned(
  g: CanvasRenderingContext2D,
  columns: readonly Column[],
  spots: readonly (readonly Spot[])[],
  works: readonly ((unit: number) => boolean)[],
  weights: ReadonlyMap<string, LayerWeights>,
  look: ThinnedLook,
): void {
  for (const [i, column] of columns.entries()) {
    const layer = column.node === null ? undefined : weights.get(column.node);
    if (!layer) continue;
    const largest = layer.weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1e-9);
    for (const [unit, to] of (spots[i] ?? []).entries()) {
      if (!works[i]?.(unit)) continue;
      for (const [input, from] of (spots[i - 1] ?? []).entries()) {
        if (!works[i - 1]?.(input)) continue;
        const weight = layer.weights[unit * layer.inputs + input] ?? 0;
        const share = Math.abs(weight) / largest;
        g.globalAlpha = 0.08 + 0.72 * share;
        g.lineWidth = 0.3 + 2 * share;
        g.strokeStyle = weight < 0 ? look.negative : look.positive;
        g.beginPath();
        g.moveTo(from.x, from.y);
        g.lineTo(to.x, to.y);
        g.stroke();
      }
    }
  }
  g.globalAlpha = 1;
  for (const [i, column] of spots.entries())
    for (const [unit, { x, y }] of column.entries()) {
      const there = works[i]?.(unit) ?? true;
      g.beginPath();
      g.arc(x, y, there ? RADIUS : RADIUS - 0.8, 0, 2 * Math.PI);
      g.fillStyle = there ? look.ink : look.surface;
      g.fill();
      if (there) continue;
      // Missing: an empty place, dashed and crossed out.
      g.strokeStyle = look.faint;
      g.lineWidth = 1;
      g.setLineDash([2, 1.6]);
      g.stroke();
      g.setLineDash([]);
    }
}

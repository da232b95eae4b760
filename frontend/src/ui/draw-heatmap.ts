import { linear } from "../math/scales";

/** A matrix with named rows and columns, and what to write in its cells. */
export interface HeatmapModel {
  rows: readonly string[];
  columns: readonly string[];
  rowTitle: string;
  columnTitle: string;
  color(row: number, column: number): string;
  /** The text in a cell and its colour; empty for none. */
  text(row: number, column: number): { text: string; color: string };
}

export interface HeatmapStyle {
  ink: string;
  line: string;
  font: string;
  /** Colour and cell of the outline, if any. */
  accent: string;
  hover: { row: number; column: number } | null;
}

export interface HeatmapBox {
  left: number;
  top: number;
  cell: number;
  /** Height of a cell; at most `MOST_TALL`. */
  tall: number;
  width: number;
  height: number;
}

const TITLE = 18;
const MOST_TALL = 22;
const LETTER = 6.2;
/** Letters of a column's name that stands upright. */
const UPRIGHT = 10;

/** Above a narrow column the first word of `Travel & Places` is enough. */
const brief = (name: string): string => {
  const word = name.split(/ & | and |, /)[0] ?? name;
  return word.length > UPRIGHT ? `${word.slice(0, UPRIGHT - 1)}…` : word;
};
/** Whether names stand upright because they do not fit beside one another. */
const upright = (columns: readonly string[], cell: number): boolean =>
  cell >= 9 && columns.some((name) => name.length > 2 && name.length * LETTER > cell);

/** Where the cells lie in a canvas `width` CSS pixels wide. */
export function heatmapBox(model: HeatmapModel, width: number): HeatmapBox {
  const longest = Math.max(1, ...model.rows.map((name) => name.length));
  const left = TITLE + Math.min(90, 8 + 7 * longest);
  const cell = Math.max(2, (width - left - 1) / Math.max(1, model.columns.length));
  const letters = Math.max(1, ...model.columns.map((name) => brief(name).length));
  const top = TITLE + (upright(model.columns, cell) ? 8 + LETTER * letters : 16);
  const tall = Math.min(cell, MOST_TALL);
  return { left, top, cell, tall, width, height: top + tall * model.rows.length + 1 };
}

/** The cell under a point in CSS pixels. */
export function heatmapCell(
  model: HeatmapModel,
  box: HeatmapBox,
  x: number,
  y: number,
): { row: number; column: number } | null {
  const column = Math.floor((x - box.left) / box.cell);
  const row = Math.floor((y - box.top) / box.tall);
  return row >= 0 && column >= 0 && row < model.rows.length && column < model.columns.length ? { row, column } : null;
}

/** Draw in CSS pixels; the context is already scaled to the screen. */
export function drawHeatmap(
  g: CanvasRenderingContext2D,
  model: HeatmapModel,
  box: HeatmapBox,
  style: HeatmapStyle,
): void {
  const { left, top, cell, tall } = box;
  const gap = cell > 10 ? 1 : 0;
  const x = linear([0, 1], [left, left + cell]);
  const y = linear([0, 1], [top, top + tall]);
  g.clearRect(0, 0, box.width, box.height);
  g.textAlign = "center";
  g.textBaseline = "middle";
  for (let row = 0; row < model.rows.length; row++) {
    for (let column = 0; column < model.columns.length; column++) {
      g.fillStyle = model.color(row, column);
      g.fillRect(x(column), y(row), cell - gap, tall - gap);
      if (tall < 15) continue;
      const { text, color } = model.text(row, column);
      g.font = `${text.length > 3 ? 9 : 10.5}px ${style.font}`;
      g.fillStyle = color;
      g.fillText(text, x(column + 0.5) - gap / 2, y(row + 0.5));
    }
  }
  labels(g, model, box, style);
  if (style.hover) {
    g.strokeStyle = style.accent;
    g.lineWidth = 2;
    g.strokeRect(x(style.hover.column) - 0.5, y(style.hover.row) - 0.5, cell - gap + 1, tall - gap + 1);
  }
}

function labels(
  g: CanvasRenderingContext2D,
  model: HeatmapModel,
  { left, top, cell, tall, width, height }: HeatmapBox,
  style: HeatmapStyle,
): void {
  g.fillStyle = style.ink;
  g.font = `11px ${style.font}`;
  const every = Math.ceil(12 / cell);
  const stand = upright(model.columns, cell);
  g.textAlign = stand ? "left" : "center";
  for (let i = 0; i < model.columns.length; i += every) {
    const [name, x] = [model.columns[i] ?? "", left + (i + 0.5) * cell];
    if (!stand) g.fillText(name, x, top - 9, cell * every);
    else written(g, brief(name), x, top - 4);
  }
  g.textAlign = "right";
  for (let i = 0; i < model.rows.length; i += every)
    g.fillText(model.rows[i] ?? "", left - 6, top + (i + 0.5) * tall, left - TITLE - 4);
  g.textAlign = "center";
  g.fillText(model.columnTitle, (left + width) / 2, 8);
  written(g, model.rowTitle, 8, (top + height) / 2);
}

/** From below to above. */
function written(g: CanvasRenderingContext2D, text: string, x: number, y: number): void {
  g.save();
  g.translate(x, y);
  g.rotate(-Math.PI / 2);
  g.fillText(text, 0, 0);
  g.restore();
}

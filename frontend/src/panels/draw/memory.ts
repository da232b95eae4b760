/** A drawing outlives a reload of its tab. */

/** Points in tenths of a digit's pixel. */
export type Stroke = [x: number, y: number][];

export interface Drawing {
  strokes: Stroke[];
  centred: boolean;
  /** Every picture showed the drawing when it was kept. */
  shown: boolean;
}

const KEY = "torchglass.drawing";
const MOST_POINTS = 20_000;

const isPoint = (value: unknown): value is [number, number] =>
  Array.isArray(value) &&
  value.length === 2 &&
  value.every((part) => typeof part === "number" && Number.isFinite(part));

/** Nothing is kept of a drawing too large to be one. */
export function keep(drawing: Drawing, storage: Storage = sessionStorage): void {
  const points = drawing.strokes.reduce((sum, line) => sum + line.length, 0);
  if (points > MOST_POINTS) return;
  storage.setItem(KEY, JSON.stringify(drawing));
}

/** The kept drawing; null for none, or for something that is not one. */
export function restore(storage: Storage = sessionStorage): Drawing | null {
  try {
    const value = JSON.parse(storage.getItem(KEY) ?? "null") as Partial<Drawing> | null;
    if (!value || !Array.isArray(value.strokes)) return null;
    const strokes = value.strokes.filter((line): line is Stroke => Array.isArray(line) && line.every(isPoint));
    return { strokes, centred: value.centred !== false, shown: value.shown === true };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

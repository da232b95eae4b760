import { number } from "../math/format";
import { mapsOf, valueAt, type Values } from "../math/values";

/** A table for readers of text: head cells first, each row led by its name. */
export interface TextTable {
  head: string[];
  rows: { name: string; cells: string[] }[];
  /** Said below the table, for what was left out. */
  note?: string;
}

export const MAX_CELLS = 400;

/** The first map as rows and columns where it fits, otherwise one row per map with its smallest, mean and largest. */
export function numbersOf(values: Values, count: number, mapName: (map: number) => string): TextTable {
  const { width, height } = mapsOf(values.shape);
  if (values.shape.length >= 2 && (count > 1 || width * height > MAX_CELLS))
    return summaries(values, count, width * height, mapName);
  const rows = Array.from(
    { length: Math.min(height, Math.max(1, Math.floor(MAX_CELLS / Math.max(1, width)))) },
    (_, row) => ({
      name: `row ${row}`,
      cells: Array.from({ length: width }, (_, column) => {
        const value = valueAt(values, row * width + column);
        return Number.isNaN(value) ? "" : number(value);
      }),
    }),
  );
  const head = ["", ...Array.from({ length: width }, (_, column) => `column ${column}`)];
  return { head, rows, note: rows.length < height ? `first ${rows.length} of ${height} rows` : "" };
}

function summaries(values: Values, count: number, size: number, mapName: (map: number) => string): TextTable {
  const shown = Math.min(count, Math.floor(MAX_CELLS / 3));
  const rows = Array.from({ length: shown }, (_, map) => {
    let [least, most, sum] = [Infinity, -Infinity, 0];
    for (let i = map * size; i < (map + 1) * size; i++) {
      const value = valueAt(values, i);
      least = Math.min(least, value);
      most = Math.max(most, value);
      sum += value;
    }
    return { name: mapName(map), cells: [least, sum / size, most].map((value) => number(value)) };
  });
  return {
    head: ["map", "smallest", "mean", "largest"],
    rows,
    note: shown < count ? `first ${shown} of ${count} maps` : "",
  };
}

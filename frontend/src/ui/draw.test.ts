import { describe, expect, it } from "vitest";

import { atlasFor } from "./draw-atlas";
import { drawHeatmap, heatmapBox, heatmapCell, type HeatmapModel } from "./draw-heatmap";
import { binAt, drawHistogram } from "./draw-histogram";
import { numbersOf } from "./numbers";

/** A canvas context that writes down what is asked of it. */
function recorder(): { context: CanvasRenderingContext2D; calls: string[] } {
  const calls: string[] = [];
  const context = new Proxy({} as Record<string, unknown>, {
    get: (known, name: string) => known[name] ?? ((...args: unknown[]) => calls.push(`${name} ${args.join(" ")}`)),
    set: (known, name: string, value) => Reflect.set(known, name, value),
  });
  return { context: context as unknown as CanvasRenderingContext2D, calls };
}

describe("heatmap", () => {
  const model: HeatmapModel = {
    rows: ["a", "b"],
    columns: ["a", "b"],
    rowTitle: "true",
    columnTitle: "said",
    color: () => "red",
    text: (row, column) => ({ text: row === column ? "9" : "", color: "black" }),
  };

  it("draws a cell for every pair and finds it again", () => {
    const box = heatmapBox(model, 200);
    const { context, calls } = recorder();
    drawHeatmap(context, model, box, { ink: "", line: "", font: "sans", accent: "", hover: { row: 0, column: 1 } });
    expect(calls.filter((call) => call.startsWith("fillRect"))).toHaveLength(4);
    expect(calls.filter((call) => call.startsWith("fillText 9"))).toHaveLength(2);
    expect(calls.filter((call) => call.startsWith("strokeRect"))).toHaveLength(1);
    expect(heatmapCell(model, box, box.left + 1.5 * box.cell, box.top + 1)).toEqual({ row: 0, column: 1 });
    expect(heatmapCell(model, box, 2, 2)).toBeNull();
  });

  it("long names of narrow columns stand upright, short enough for the room above them", () => {
    const columns = ["Travel & Places", "Extraordinarily long"];
    const box = heatmapBox({ ...model, columns }, 200);
    const { context, calls } = recorder();
    drawHeatmap(context, { ...model, columns }, box, {
      ink: "",
      line: "",
      font: "sans",
      accent: "",
      hover: null,
    });
    expect(box.top).toBeGreaterThan(heatmapBox(model, 200).top);
    expect(calls).toContain("fillText Travel 0 0");
    expect(calls).toContain("fillText Extraordi… 0 0");
  });
});

it("a histogram draws a bar for every bin that holds something", () => {
  const { context, calls } = recorder();
  const histogram = { counts: [1, 0, 4], lo: -1, hi: 2 };
  const style = { negative: "b", positive: "o", ink: "i", line: "l", accent: "a", font: "sans", mean: 0.3, hover: -1 };
  drawHistogram(context, histogram, 300, 100, style);
  const tall = calls.filter((call) => /^fillRect .* 99 /.test(call));
  expect(tall).toHaveLength(2);
  expect([binAt(histogram, 300, 150), binAt(histogram, 300, 301)]).toEqual([1, -1]);
});

it("an atlas fits its place at any screen density", () => {
  const look = { mode: "signed" as const, width: 110, gap: 3, columns: 2 };
  expect(atlasFor([8, 28, 28], look, 1)).toMatchObject({ columns: 2, rows: 4, block: 2, gap: 3 });
  expect(atlasFor([8, 28, 28], look, 2)).toMatchObject({ block: 4, gap: 6 });
  expect(atlasFor([100, 7, 7], { ...look, limit: 64 }, 1).count).toBe(64);
});

it("numbers become a bounded table", () => {
  const values = { shape: [2, 1, 2], axes: [], lo: 0, hi: 255, bytes: Uint8Array.of(0, 10, 20, 30), floats: null };
  expect(numbersOf(values, 2, (map) => `map ${map}`).rows).toEqual([
    { name: "map 0", cells: ["0", "5.00", "10.0"] },
    { name: "map 1", cells: ["20.0", "25.0", "30.0"] },
  ]);
  const vector = { shape: [1000], axes: [], lo: 0, hi: 1, bytes: new Uint8Array(1000), floats: null };
  expect(numbersOf(vector, 1, String).rows.reduce((n, row) => n + row.cells.length, 0)).toBeLessThanOrEqual(400);
});

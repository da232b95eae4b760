import { describe, expect, it } from "vitest";

import { box, cellAt, drawAtlas, fittingBlock, layoutAtlas, origin, squareColumns } from "./atlas";

describe("layout", () => {
  it("makes grids without holes where there are any", () => {
    expect([1, 2, 8, 10, 16, 32, 64].map(squareColumns)).toEqual([1, 1, 2, 2, 4, 4, 8]);
    expect(squareColumns(7)).toBe(3);
  });

  it("counts pixels and gaps", () => {
    const layout = layoutAtlas({ count: 8, width: 28, height: 28, columns: 4, block: 2, gap: 3 });
    expect([layout.columns, layout.rows, layout.canvasWidth, layout.canvasHeight]).toEqual([
      4,
      2,
      4 * 56 + 9,
      2 * 56 + 3,
    ]);
    expect(origin(layout, 5)).toEqual([59, 59]);
  });

  it("keeps groups of maps together", () => {
    const layout = layoutAtlas({ count: 8, width: 5, height: 5, columns: 4, gap: 1, group: 2, groupGap: 4 });
    expect(layout.canvasWidth).toBe(4 * 5 + 3 + 4);
    expect(origin(layout, 2)[0]).toBe(2 * 6 + 4);
  });

  it("finds what lies under a pixel, and nothing in a gap", () => {
    const layout = layoutAtlas({ count: 3, width: 4, height: 2, columns: 2, block: 2, gap: 2 });
    expect(cellAt(layout, 0, 0)).toEqual({ map: 0, row: 0, column: 0 });
    expect(cellAt(layout, 10 + 7, 3)).toEqual({ map: 1, row: 1, column: 3 });
    expect(cellAt(layout, 8, 0)).toBeNull();
    expect(cellAt(layout, 12, 7)).toBeNull();
    expect(cellAt(layout, 1, 7)).toEqual({ map: 2, row: 0, column: 0 });
    expect(cellAt(layout, -1, 0)).toBeNull();
  });

  it("boxes a map and a value in percent of the canvas", () => {
    const layout = layoutAtlas({ count: 4, width: 5, height: 5, columns: 2, gap: 0 });
    expect(box(layout, 3)).toEqual({ left: 50, top: 50, width: 50, height: 50 });
    expect(box(layout, 0, { row: 1, column: 2 })).toEqual({ left: 20, top: 10, width: 10, height: 10 });
  });

  it("fits blocks to the place, never below one pixel", () => {
    expect(fittingBlock(120, 2, 28, 4)).toBe(3);
    expect(fittingBlock(116, 2, 28, 4)).toBe(2);
    expect(fittingBlock(10, 8, 28, 3)).toBe(1);
  });
});

describe("drawing", () => {
  it("looks every value up and leaves gaps alone", () => {
    const table = Uint32Array.from({ length: 256 }, (_, i) => 1000 + i);
    const layout = layoutAtlas({ count: 2, width: 2, height: 1, columns: 2, block: 2, gap: 1 });
    const pixels = new Uint32Array(layout.canvasWidth * layout.canvasHeight);
    drawAtlas(pixels, layout, Uint8Array.of(1, 2, 3, 4), table);
    const row = [1001, 1001, 1002, 1002, 0, 1003, 1003, 1004, 1004];
    expect([...pixels]).toEqual([...row, ...row]);
  });

  it("draws picked maps and stops where the data ends", () => {
    const table = Uint32Array.from({ length: 256 }, (_, i) => i);
    const layout = layoutAtlas({ count: 2, width: 2, height: 1, columns: 1, gap: 0 });
    const pixels = new Uint32Array(4);
    drawAtlas(pixels, layout, Uint8Array.of(1, 2, 3), table, [1, 0]);
    expect([...pixels]).toEqual([3, 0, 1, 2]);
  });
});

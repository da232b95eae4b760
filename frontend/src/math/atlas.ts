/** Many equal maps in one canvas: where each goes, what is under the pointer, and filling the pixels. Pure. */

export interface AtlasLayout {
  count: number;
  /** Values per map, across and down. */
  width: number;
  height: number;
  columns: number;
  rows: number;
  /** Canvas pixels per value, between maps, and extra after every `group` maps of a row. */
  block: number;
  gap: number;
  group: number;
  groupGap: number;
  canvasWidth: number;
  canvasHeight: number;
}

export interface AtlasWish {
  count: number;
  width: number;
  height: number;
  columns?: number;
  block?: number;
  gap?: number;
  group?: number;
  groupGap?: number;
}

export interface AtlasCell {
  map: number;
  row: number;
  column: number;
}

/** Columns of a roughly square grid that wastes no place: 8 → 2, 16 → 4, 64 → 8. */
export function squareColumns(count: number): number {
  const root = Math.sqrt(count);
  for (let columns = Math.floor(root); columns >= Math.max(1, root / 2); columns--)
    if (count % columns === 0) return columns;
  return Math.max(1, Math.round(root));
}

/** The same turned on its side: at least as many columns as rows, which suits a card in a row of cards. */
export const wideColumns = (count: number): number => Math.max(1, Math.ceil(count / squareColumns(count)));

export function layoutAtlas(wish: AtlasWish): AtlasLayout {
  const { count, width, height, block = 1, gap = 1, group = 0, groupGap = 0 } = wish;
  const columns = Math.max(1, Math.min(count || 1, wish.columns ?? squareColumns(count)));
  const rows = Math.max(1, Math.ceil(count / columns));
  const groups = group > 0 ? Math.ceil(columns / group) - 1 : 0;
  return {
    count,
    width,
    height,
    columns,
    rows,
    block,
    gap,
    group,
    groupGap,
    canvasWidth: columns * width * block + (columns - 1) * gap + groups * groupGap,
    canvasHeight: rows * height * block + (rows - 1) * gap,
  };
}

/** Canvas pixels per value so that `columns` maps of `width` values fill `target` canvas pixels (at least 1). */
export function fittingBlock(target: number, columns: number, width: number, gap: number, round = Math.ceil): number {
  return Math.max(1, Math.min(64, round((target - (columns - 1) * gap) / (columns * width) - 1e-6)));
}

/** Left upper corner of a map in canvas pixels. */
export function origin(layout: AtlasLayout, map: number): [x: number, y: number] {
  const column = map % layout.columns;
  const groups = layout.group > 0 ? Math.floor(column / layout.group) : 0;
  return [
    column * (layout.width * layout.block + layout.gap) + groups * layout.groupGap,
    Math.floor(map / layout.columns) * (layout.height * layout.block + layout.gap),
  ];
}

/** What lies at a canvas pixel; null in a gap or outside. */
export function cellAt(layout: AtlasLayout, x: number, y: number): AtlasCell | null {
  const rowOfMaps = Math.floor(y / (layout.height * layout.block + layout.gap));
  if (rowOfMaps < 0 || rowOfMaps >= layout.rows) return null;
  for (let column = 0; column < layout.columns; column++) {
    const map = rowOfMaps * layout.columns + column;
    if (map >= layout.count) return null;
    const [left, top] = origin(layout, map);
    const cell = { map, row: Math.floor((y - top) / layout.block), column: Math.floor((x - left) / layout.block) };
    if (cell.column >= 0 && cell.column < layout.width && cell.row >= 0 && cell.row < layout.height) return cell;
  }
  return null;
}

/** Rectangle of a map, or of one value in it, as percentages of the canvas. */
export function box(
  layout: AtlasLayout,
  map: number,
  cell?: { row: number; column: number },
): { left: number; top: number; width: number; height: number } {
  const [x, y] = origin(layout, map);
  const { block } = layout;
  const across = 100 / layout.canvasWidth;
  const down = 100 / layout.canvasHeight;
  if (!cell)
    return {
      left: x * across,
      top: y * down,
      width: layout.width * block * across,
      height: layout.height * block * down,
    };
  return {
    left: (x + cell.column * block) * across,
    top: (y + cell.row * block) * down,
    width: block * across,
    height: block * down,
  };
}

/**
 * Fill `pixels` (canvasWidth × canvasHeight) by looking `entries` up in `table`. `picks` says which map of the
 * source each place shows (default: in order). Gaps, and places beyond the data, stay as they are.
 */
export function drawAtlas(
  pixels: Uint32Array,
  layout: AtlasLayout,
  entries: Uint8Array,
  table: Uint32Array,
  picks?: ArrayLike<number>,
): void {
  const { width, height, block, canvasWidth } = layout;
  const size = width * height;
  for (let map = 0; map < layout.count; map++) {
    const [x, y] = origin(layout, map);
    let source = (picks?.[map] ?? map) * size;
    for (let row = 0; row < height; row++) {
      const start = (y + row * block) * canvasWidth + x;
      let at = start;
      for (let column = 0; column < width && source < entries.length; column++, source++) {
        const pixel = table[entries[source] as number] as number;
        for (let i = 0; i < block; i++) pixels[at++] = pixel;
      }
      for (let i = 1; i < block; i++) pixels.copyWithin(start + i * canvasWidth, start, at);
    }
  }
}

/** Where the labels of marks stand on the curve, so that none covers another. */

export interface LabelPlace {
  left: number;
  row: number;
}

/**
 * Places for labels of `widths` beside the marks at `xs`, in the same unit; null for one that finds no room, which is still
 * told by its line. What was changed last is placed first. A label stands to the right of its mark, to the left of it where
 * it would leave the picture, and one row lower for every one in its way.
 */
export function placeLabels(
  xs: readonly number[],
  widths: readonly number[],
  { right, rows, gap }: { right: number; rows: number; gap: number },
): (LabelPlace | null)[] {
  const taken: [from: number, to: number][][] = Array.from({ length: Math.max(0, rows) }, () => []);
  const places: (LabelPlace | null)[] = xs.map(() => null);
  for (let i = xs.length - 1; i >= 0; i--) {
    const [x = 0, width = 0] = [xs[i], widths[i]];
    const left = x + width + gap > right ? x - width - gap : x + gap;
    const row = taken.findIndex((boxes) => boxes.every(([from, to]) => left >= to || left + width <= from));
    if (row < 0) continue;
    taken[row]?.push([left - gap, left + width + gap]);
    places[i] = { left, row };
  }
  return places;
}

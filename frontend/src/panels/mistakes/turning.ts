/** The line of a perceptron over the plane, and the lines that it was before. Pure. */
export interface Line {
  w: readonly [number, number];
  b: number;
}
const MOST = 7;

/** The lines with this one at the end, if it differs from the last: the unit was wrong and turned. */
export function turned(lines: readonly Line[], next: Line): readonly Line[] {
  const last = lines.at(-1);
  if (last && last.w[0] === next.w[0] && last.w[1] === next.w[1] && last.b === next.b) return lines;
  return [...lines, next].slice(-MOST);
}

/** The two ends of w·x + b = 0 within lo..hi in both directions; null where it is not in sight. */
export function ends({ w: [a, c], b }: Line, lo: number, hi: number): [number, number, number, number] | null {
  const found: [number, number][] = [];
  const add = (x: number, y: number): void => {
    if (x >= lo - 1e-9 && x <= hi + 1e-9 && y >= lo - 1e-9 && y <= hi + 1e-9) found.push([x, y]);
  };
  for (const edge of [lo, hi]) {
    if (c !== 0) add(edge, -(a * edge + b) / c);
    if (a !== 0) add(-(c * edge + b) / a, edge);
  }
  const [from] = found;
  if (!from) return null;
  const to = found.reduce((far, one) =>
    Math.hypot(one[0] - from[0], one[1] - from[1]) > Math.hypot(far[0] - from[0], far[1] - from[1]) ? one : far,
  );
  return to === from ? null : [...from, ...to];
}

/** The lines of connections that go around cards. Pure. */
import type { Bend } from "./layout";

export interface LineEnds {
  sourceX: number;
  sourceY: number;
  targetX: number;
  targetY: number;
}

/** A smooth line from end to end, level where it passes cards: (SVG path, x and y of its middle). */
export function bentPath(
  { sourceX, sourceY, targetX, targetY }: LineEnds,
  bends: readonly Bend[],
): [string, number, number] {
  const parts = [`M${sourceX},${sourceY}`];
  let [x, y] = [sourceX, sourceY];
  const curve = (toX: number, toY: number): void => {
    const middle = (x + toX) / 2;
    parts.push(`C${middle},${y} ${middle},${toY} ${toX},${toY}`);
    [x, y] = [toX, toY];
  };
  for (const bend of bends) {
    curve(Math.max(x, bend.from), bend.y);
    x = Math.max(x, bend.to);
    parts.push(`L${x},${bend.y}`);
  }
  curve(targetX, targetY);
  const middle = bends[Math.floor((bends.length - 1) / 2)];
  return [
    parts.join(" "),
    middle ? (middle.from + middle.to) / 2 : (sourceX + targetX) / 2,
    middle?.y ?? (sourceY + targetY) / 2,
  ];
}

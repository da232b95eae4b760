/**
 * Classes differ by shape as well as by colour. Colours: Paul Tol's "bright" and "muted" qualitative sets
 * (SRON technical note 09-002, 2021), safe for colour-blind readers; after ten, colours repeat with new shapes.
 */

export const SHAPES = [
  "circle",
  "square",
  "triangle",
  "diamond",
  "cross",
  "down",
  "plus",
  "star",
  "bar",
  "hexagon",
] as const;
export type Shape = (typeof SHAPES)[number];

const COLORS = [
  "#4477aa",
  "#ee6677",
  "#228833",
  "#ccbb44",
  "#66ccee",
  "#aa3377",
  "#999933",
  "#882255",
  "#44aa99",
  "#cc6644",
];

export interface ClassStyle {
  color: string;
  shape: Shape;
}

/** How class `index` is drawn. 100 classes differ before a pair repeats. */
export function classStyle(index: number): ClassStyle {
  const round = Math.floor(index / COLORS.length);
  return {
    color: COLORS[index % COLORS.length] ?? "#888888",
    shape: SHAPES[(index + round) % SHAPES.length] ?? "circle",
  };
}

type Point = readonly [number, number];

const polygon = (points: readonly Point[]): string =>
  `M${points.map(([x, y]) => `${round(x)} ${round(y)}`).join("L")}Z`;
const round = (value: number): number => Math.round(value * 1000) / 1000;
const ring = (n: number, turn: number, radius: (i: number) => number): Point[] =>
  Array.from({ length: n }, (_, i) => {
    const angle = (2 * Math.PI * i) / n + turn;
    return [radius(i) * Math.cos(angle), radius(i) * Math.sin(angle)];
  });
const UP = -Math.PI / 2;

const PLUS: readonly Point[] = [
  [-0.3, -1],
  [0.3, -1],
  [0.3, -0.3],
  [1, -0.3],
  [1, 0.3],
  [0.3, 0.3],
  [0.3, 1],
  [-0.3, 1],
  [-0.3, 0.3],
  [-1, 0.3],
  [-1, -0.3],
  [-0.3, -0.3],
];

/** SVG path of a shape of radius 1 around the origin. */
export function shapePath(shape: Shape): string {
  switch (shape) {
    case "circle":
      return "M-1 0A1 1 0 1 1 1 0A1 1 0 1 1 -1 0Z";
    case "square":
      return polygon([
        [-0.85, -0.85],
        [0.85, -0.85],
        [0.85, 0.85],
        [-0.85, 0.85],
      ]);
    case "triangle":
      return polygon(ring(3, UP, () => 1.15));
    case "down":
      return polygon(ring(3, -UP, () => 1.15));
    case "diamond":
      return polygon(ring(4, UP, () => 1.1));
    case "hexagon":
      return polygon(ring(6, UP, () => 1));
    case "star":
      return polygon(ring(10, UP, (i) => (i % 2 ? 0.48 : 1.15)));
    case "bar":
      return polygon([
        [-0.35, -1],
        [0.35, -1],
        [0.35, 1],
        [-0.35, 1],
      ]);
    case "plus":
      return polygon(PLUS);
    case "cross":
      return polygon(PLUS.map(([x, y]): Point => [(x - y) * Math.SQRT1_2, (x + y) * Math.SQRT1_2]));
  }
}

/** Two classes are the two ends of the signed scale; more have colours and shapes of their own. */
export function classLooks(count: number, negative: string, positive: string): ClassStyle[] {
  if (count === 2)
    return [
      { color: negative, shape: "circle" },
      { color: positive, shape: "diamond" },
    ];
  return Array.from({ length: count }, (_, i) => classStyle(i));
}

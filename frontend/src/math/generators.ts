/** Small samples of the generated sets of points, for their pictures: the rules of the server's generators. Pure. */

export interface Sample {
  x: number;
  y: number;
  /** A class number, or a value in −1..1 where `numbers` is true. */
  target: number;
}

export interface Generator {
  kind: string;
  label: string;
  /** Predicts a number instead of a class. */
  numbers: boolean;
  /** May have more than two classes. */
  several: boolean;
  /** Point `i` of many; `u` and `v` are even numbers in 0..1. */
  at: (i: number, u: number, v: number, classes: number) => Sample;
}

const TURN = 2 * Math.PI;
/** Radius and angle of a point of the standard normal distribution (Box, Muller 1958). */
const normal = (u: number, v: number): [number, number] => {
  const radius = Math.sqrt(-2 * Math.log(1 - 0.98 * u));
  return [radius * Math.cos(TURN * v), radius * Math.sin(TURN * v)];
};
const BUMPS = [
  [-4, 2.5, 1],
  [0, 2.5, -1],
  [4, 2.5, 1],
  [-4, -2.5, -1],
  [0, -2.5, 1],
  [4, -2.5, -1],
] as const;

export const GENERATORS: readonly Generator[] = [
  {
    kind: "circle",
    label: "Circle",
    numbers: false,
    several: false,
    at(i, u, v) {
      const radius = i % 2 ? 2.5 * Math.sqrt(u) : 3.5 + 1.5 * u;
      return { x: radius * Math.sin(TURN * v), y: radius * Math.cos(TURN * v), target: i % 2 };
    },
  },
  {
    kind: "gaussians",
    label: "Gaussians",
    numbers: false,
    several: true,
    at(i, u, v, classes) {
      const angle = (TURN * (i % classes)) / classes + 1.25 * Math.PI;
      const [dx, dy] = normal(u, v);
      const [cx, cy] = [Math.sqrt(8) * Math.cos(angle), Math.sqrt(8) * Math.sin(angle)];
      return { x: cx + 0.7 * dx, y: cy + 0.7 * dy, target: i % classes };
    },
  },
  {
    kind: "xor",
    label: "XOR",
    numbers: false,
    several: false,
    at(_, u, v) {
      const gap = (z: number): number => 10 * z - 5 + (z > 0.5 ? 0.3 : -0.3);
      const [x, y] = [gap(u), gap(v)];
      return { x, y, target: x * y >= 0 ? 1 : 0 };
    },
  },
  {
    kind: "spiral",
    label: "Spiral",
    numbers: false,
    several: true,
    at(i, u, _, classes) {
      const target = i % classes;
      const angle = TURN * (1.75 * u + 0.5 - target / classes);
      return { x: 5 * u * Math.sin(angle), y: 5 * u * Math.cos(angle), target };
    },
  },
  {
    kind: "moons",
    label: "Moons",
    numbers: false,
    several: false,
    at(i, u, v) {
      const target = i % 2;
      const angle = Math.PI * (u + target);
      const radius = 3 + 0.5 * (v - 0.5);
      const side = 2 * target - 1;
      return { x: 1.5 * side + radius * Math.cos(angle), y: 0.75 * side + radius * Math.sin(angle), target };
    },
  },
  {
    kind: "checkerboard",
    label: "Checks",
    numbers: false,
    several: false,
    at(_, u, v) {
      const [x, y] = [12 * u - 6, 12 * v - 6];
      return { x, y, target: Math.abs(Math.floor(x / 3) + Math.floor(y / 3)) % 2 };
    },
  },
  {
    kind: "coin_flips",
    label: "Coins",
    numbers: false,
    several: false,
    at(i, u, v) {
      // As good as a coin, and the same at every look.
      const hash = Math.sin(12.9898 * u + 78.233 * v + i) * 43758.5453;
      return { x: 12 * u - 6, y: 12 * v - 6, target: hash - Math.floor(hash) < 0.5 ? 0 : 1 };
    },
  },
  {
    kind: "plane",
    label: "Slope",
    numbers: true,
    several: false,
    at(_, u, v) {
      const [x, y] = [12 * u - 6, 12 * v - 6];
      return { x, y, target: (x + y) / 12 };
    },
  },
  {
    kind: "bumps",
    label: "Bumps",
    numbers: true,
    several: false,
    at(_, u, v) {
      const [x, y] = [12 * u - 6, 12 * v - 6];
      const near = BUMPS.map(([cx, cy, sign]) => sign * Math.max(0, 1 - Math.hypot(x - cx, y - cy) / 2));
      return { x, y, target: near.reduce((sum, height) => sum + height, 0) };
    },
  },
];

/** Both are irrational and independent: their multiples fill the square evenly (Weyl). */
const [FIRST, SECOND] = [0.7548776662466927, 0.5698402909980532];

export function sampleOf(generator: Generator, count: number, classes = 2): Sample[] {
  return Array.from({ length: count }, (_, i) =>
    generator.at(i, ((i + 1) * FIRST) % 1, ((i + 1) * SECOND) % 1, generator.several ? classes : 2),
  );
}

export const generatorOf = (kind: string): Generator | undefined => GENERATORS.find((one) => one.kind === kind);

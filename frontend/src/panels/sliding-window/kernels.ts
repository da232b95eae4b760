/** Kernels that people have thought of. Pure. */

export interface Known {
  name: string;
  rows: readonly (readonly number[])[];
}

const ninth = 1 / 9;

export const KERNELS: readonly Known[] = [
  {
    name: "Identity",
    rows: [
      [0, 0, 0],
      [0, 1, 0],
      [0, 0, 0],
    ],
  },
  { name: "Blur", rows: [0, 1, 2].map(() => [ninth, ninth, ninth]) },
  {
    name: "Sharpen",
    rows: [
      [0, -1, 0],
      [-1, 5, -1],
      [0, -1, 0],
    ],
  },
  {
    name: "Sobel, upright edges",
    rows: [
      [-1, 0, 1],
      [-2, 0, 2],
      [-1, 0, 1],
    ],
  },
  {
    name: "Sobel, level edges",
    rows: [
      [-1, -2, -1],
      [0, 0, 0],
      [1, 2, 1],
    ],
  },
  {
    name: "Laplacian, all edges",
    rows: [
      [0, 1, 0],
      [1, -4, 1],
      [0, 1, 0],
    ],
  },
];

/** The kernel in the middle of a window: zeros around it, or its rim cut off. */
export function centred(rows: Known["rows"], height: number, width: number): number[][] {
  const top = Math.floor((height - rows.length) / 2);
  const left = Math.floor((width - (rows[0]?.length ?? 0)) / 2);
  return Array.from({ length: height }, (_, i) =>
    Array.from({ length: width }, (_, j) => rows[i - top]?.[j - left] ?? 0),
  );
}

/** Its numbers for a filter that reads so many channels: their mean is what it sees. */
export function numbersFor(rows: Known["rows"], channels: number, height: number, width: number): number[] {
  const one = centred(rows, height, width)
    .flat()
    .map((value) => value / channels);
  return Array.from({ length: channels }, () => one).flat();
}

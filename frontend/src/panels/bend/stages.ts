/** The plane on its way through the layers: reading the frames of the probe `bend`, and any depth between two. Pure. */
import { numberIn, numbersIn, textIn, textsIn, type Extra } from "../../math/extra";

export interface Stage {
  node: string;
  units: number;
  /** Share of the variance that two dimensions show. */
  kept: number;
  /** Share of the data that a straight cut tells right there; NaN without classes. */
  cut: number;
  /** x y x y ... of every place, within −1 .. 1. */
  places: Float32Array;
  /** Where the output unit is zero, as the ends of a line in the same coordinates; null where there is none. */
  border: [number, number, number, number] | null;
}

export interface Bend {
  stages: Stage[];
  /** Places of the lattice across and upwards; the data follow behind it. */
  grid: number;
  labels: number[];
  classes: string[];
}

interface Box {
  x: number;
  y: number;
  /** Half of the longer side. */
  reach: number;
}

function boxOf(places: Float32Array): Box {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i + 1 < places.length; i += 2) {
    const [x, y] = [places[i] as number, places[i + 1] as number];
    left = Math.min(left, x);
    right = Math.max(right, x);
    low = Math.min(low, y);
    high = Math.max(high, y);
  }
  return { x: (left + right) / 2, y: (low + high) / 2, reach: Math.max(right - left, high - low, 1e-9) / 2 };
}

/** The line w₁x + w₂y + b = 0 through the box, long enough to cross it. */
function borderIn(numbers: readonly number[], box: Box): Stage["border"] {
  const [w1, w2, b] = numbers;
  if (w1 === undefined || w2 === undefined || b === undefined) return null;
  const size = Math.hypot(w1, w2);
  const away = (w1 * box.x + w2 * box.y + b) / (size * box.reach);
  if (!(size > 0) || !(Math.abs(away) < 1.5)) return null;
  const [nx, ny] = [w1 / size, w2 / size];
  const [cx, cy] = [-nx * away, -ny * away];
  return [cx - 3 * ny, cy + 3 * nx, cx + 3 * ny, cy - 3 * nx];
}

export function readBend(extra: Extra, floats: Float32Array, shape: readonly number[]): Bend {
  const [count = 0, places = 0] = shape;
  const said = Array.isArray(extra["stages"]) ? (extra["stages"] as Extra[]) : [];
  const stages = Array.from({ length: count }, (_, i): Stage => {
    const own = floats.slice(i * places * 2, (i + 1) * places * 2);
    const box = boxOf(own);
    for (let k = 0; k < own.length; k += 2) {
      own[k] = ((own[k] as number) - box.x) / box.reach;
      own[k + 1] = ((own[k + 1] as number) - box.y) / box.reach;
    }
    const one = said[i] ?? {};
    return {
      node: textIn(one, "node"),
      units: numberIn(one, "units", 0),
      kept: numberIn(one, "kept", 1),
      cut: numberIn(one, "cut"),
      places: own,
      border: borderIn(numbersIn(one, "border"), box),
    };
  });
  return {
    stages,
    grid: numberIn(extra, "grid", 0),
    labels: numbersIn(extra, "labels"),
    classes: textsIn(extra, "classes"),
  };
}

/** The places at a depth between two stages, 1.5 being halfway from the first to the second layer. */
export function placesAt({ stages }: Bend, depth: number): Float32Array {
  const first = Math.max(0, Math.min(stages.length - 1, Math.floor(depth)));
  const from = stages[first]?.places ?? new Float32Array(0);
  const to = stages[first + 1]?.places;
  const share = depth - first;
  if (!to || share <= 0) return from;
  return from.map((value, i) => value + share * ((to[i] as number) - value));
}

/** Where one looks at first: the last layer before the output. */
export const lastHidden = ({ stages }: Bend): number => Math.max(0, stages.length - 2);

/** Points of a curve in somebody's hand: which one is near, and what the keys do. */
import { run } from "../../stores/run.svelte";
import type { Split } from "../by-hand";
import type { Found, Hand, Place } from "../hand.svelte";
import { type CurveBox, type CurvePoint, type Rows, valueAlong } from "./curve";

const REACH = 8;
/** Of the height of the picture, in one press. */
const STEP = 1 / 60;

export const LINE_KEYS =
  "Keys: arrows go along, Shift and ↑ ↓ move the training point that is nearest, + adds one, Delete erases it.";

/** The point under these pixels, training before test. */
export function curvePointAt(
  box: CurveBox,
  points: Readonly<Record<Split, readonly CurvePoint[]>>,
  at: Place,
): Found | null {
  for (const split of ["train", "test"] as const) {
    let [best, index] = [REACH, -1];
    for (const [i, { x, value }] of points[split].entries()) {
      const far = Math.hypot(box.x(x) - at.x, box.y(value) - at.y);
      if (far < best) [best, index] = [far, i];
    }
    if (index >= 0) return { split, index };
  }
  return null;
}

interface Line {
  /** Where the arrow keys are. */
  at: number | null;
  said: Rows | null;
  points: readonly CurvePoint[];
  box: CurveBox | null;
}

/** Whether the key was the hand's. */
export function lineKey(
  hand: Hand<CurvePoint>,
  event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey">,
  { at, said, points, box }: Line,
): boolean {
  if (event.ctrlKey || event.metaKey || at === null || !box) return false;
  const way = event.shiftKey ? { ArrowUp: 1, ArrowDown: -1 }[event.key] : undefined;
  if (way === undefined) run.gesture += 1; // moves by one key after another are one move
  if (event.key === "+" || event.key === "Insert") {
    const value = said ? valueAlong(said, 0, at) : 0;
    hand.add([at, Number.isFinite(value) ? value : 0]);
    return true;
  }
  const distance = ({ x }: CurvePoint): number => Math.abs(x - at);
  const near = points.reduce((best, point, i) => (distance(point) < distance(points[best] ?? point) ? i : best), 0);
  const point = points[near];
  if (!point) return false;
  if (way !== undefined) {
    const high = box.y.invert(box.top) - box.y.invert(box.bottom);
    hand.put({ split: "train", index: near }, [point.x, point.value + way * STEP * high]);
  } else if (event.key === "Delete" || event.key === "Backspace") hand.erase({ split: "train", index: near });
  else return false;
  return true;
}

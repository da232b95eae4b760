/** The hand on the keyboard: the point that the arrow keys have chosen is moved, given a class, erased; another is added. */
import type { PlanePoint } from "../../math/plane";
import { run } from "../../stores/run.svelte";
import type { Split } from "../by-hand";
import type { Found, Hand } from "../hand.svelte";

interface Plane {
  points(split: Split): PlanePoint[];
  range: readonly [number, number];
}

/** Of the plane, in one press. */
const STEP = 1 / 60;

/** Whether the key was the hand's. `step`: the way of an arrow key, downwards positive. */
export function handKey(
  hand: Hand<PlanePoint>,
  event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey">,
  under: Found | null,
  step: readonly [number, number] | undefined,
  { points, range: [lo, hi] }: Plane,
): boolean {
  if (event.ctrlKey || event.metaKey) return false;
  if (!(step && event.shiftKey)) run.gesture += 1; // moves by one key after another are one move
  const point = under && points(under.split)[under.index];
  const within = (value: number): number => Math.max(lo, Math.min(hi, value));
  if (event.key === "+" || event.key === "Insert") {
    const away = point ? 4 * STEP * (hi - lo) : 0;
    hand.add([within((point?.x ?? (lo + hi) / 2) + away), within(point?.y ?? (lo + hi) / 2)]);
    return true;
  }
  if (!under || !point) return false;
  if (step && event.shiftKey) {
    const far = STEP * (hi - lo);
    hand.put(under, [within(point.x + step[0] * far), within(point.y - step[1] * far)]);
  } else if (event.key === "Delete" || event.key === "Backspace") hand.erase(under);
  else if (/^[1-9]$/.test(event.key) && Number(event.key) <= hand.classes) hand.name(under, Number(event.key) - 1);
  else return false;
  return true;
}

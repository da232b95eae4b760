import { expect, test, vi } from "vitest";

import type { Hand } from "../hand.svelte";
import { curveBox, type CurvePoint } from "./curve";
import { curvePointAt, lineKey } from "./line-hand";

const box = curveBox(300, 200, [0, 10], [-1, 1]);
const train = [
  { x: 2, value: 0 },
  { x: 8, value: 0.5 },
];

test("the nearest point within reach is found, training before test", () => {
  const at = { x: box.x(8) + 3, y: box.y(0.5) };
  expect(curvePointAt(box, { train, test: [{ x: 8, value: 0.5 }] }, at)).toEqual({ split: "train", index: 1 });
  expect(curvePointAt(box, { train, test: [] }, { x: box.x(5), y: box.y(0) })).toBeNull();
});

test("the keys move the point nearest to where they are, add one, and erase it", () => {
  const hand = { put: vi.fn(), add: vi.fn(), erase: vi.fn() };
  const press = (key: string, shiftKey = false): boolean =>
    lineKey(
      hand as unknown as Hand<CurvePoint>,
      { key, shiftKey, ctrlKey: false, metaKey: false },
      { at: 7, said: null, points: train, box },
    );
  expect(press("ArrowUp", true)).toBe(true);
  expect(hand.put).toHaveBeenCalledWith({ split: "train", index: 1 }, [8, expect.closeTo(0.5 + 2 / 60, 6)]);
  expect(press("Delete")).toBe(true);
  expect(hand.erase).toHaveBeenCalledWith({ split: "train", index: 1 });
  expect(press("+")).toBe(true);
  expect(hand.add).toHaveBeenCalledWith([7, 0]);
  expect(press("ArrowRight")).toBe(false);
});

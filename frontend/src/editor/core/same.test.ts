import { expect, test } from "vitest";

import { alike, kept } from "./same";

const one = (id: string, value: number) => ({ id, value });

test("what did not change stays the same object", () => {
  const before = [one("a", 1), one("b", 2)];
  const after = kept(before, [one("a", 1), one("b", 3), one("c", 4)]);
  expect(after).toEqual([one("a", 1), one("b", 3), one("c", 4)]);
  expect(after[0]).toBe(before[0]);
  expect(after[1]).not.toBe(before[1]);
});

test("where nothing changed the whole list stays, where something left or moved it does not", () => {
  const before = [one("a", 1), one("b", 2)];
  expect(kept(before, [one("a", 1), one("b", 2)])).toBe(before);
  expect(kept(before, [one("a", 1)])).toEqual([one("a", 1)]);
  expect(kept(before, [one("b", 2), one("a", 1)])).toEqual([one("b", 2), one("a", 1)]);
});

test("what counts as the same can be said", () => {
  const before = [one("a", 1)];
  expect(kept(before, [one("a", 2)], () => true)).toBe(before);
});

test("values are alike by what they say, not by which object says it", () => {
  const shared = { deep: [1, { two: 2 }] };
  expect(alike({ a: shared, b: null }, { b: null, a: structuredClone(shared) })).toBe(true);
  expect(alike({ a: undefined }, { b: undefined })).toBe(false);
  expect(alike([1], { 0: 1 })).toBe(false);
  expect(alike({ a: [1, 2] }, { a: [1] })).toBe(false);
  expect(alike(null, {})).toBe(false);
  expect(alike(NaN, NaN)).toBe(true);
});

import { expect, test } from "vitest";

import { ends, turned, type Line } from "./turning";

const line = (a: number, c: number, b: number): Line => ({ w: [a, c], b });

test("a line that did not move is no turn, and only the last few are kept", () => {
  const first = turned([], line(1, 0, 0));
  expect(turned(first, line(1, 0, 0))).toBe(first);
  let all: readonly Line[] = first;
  for (let i = 0; i < 20; i++) all = turned(all, line(i, 1, 0));
  expect(all).toHaveLength(7);
  expect(all.at(-1)).toEqual(line(19, 1, 0));
});

test("a line ends at the frame", () => {
  expect(ends(line(1, 0, -2), -6, 6)).toEqual([2, -6, 2, 6]);
  expect(ends(line(0, 1, 3), -6, 6)).toEqual([-6, -3, 6, -3]);
  expect(ends(line(1, 1, 0), -6, 6)).toHaveLength(4);
});

test("a line out of sight, and weights of zero, have none", () => {
  expect(ends(line(1, 0, 20), -6, 6)).toBeNull();
  expect(ends(line(0, 0, 0), -6, 6)).toBeNull();
});

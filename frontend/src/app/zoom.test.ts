import { expect, test } from "vitest";

import { afterKey, fitted, joined, scaled } from "./zoom";

test("a span stays inside the run, and the whole run is none", () => {
  expect(fitted({ from: -50, to: 50 }, 1000)).toEqual({ from: 0, to: 100 });
  expect(fitted({ from: 990, to: 1090 }, 1000)).toEqual({ from: 900, to: 1000 });
  expect(fitted({ from: 500, to: 501 }, 1000)).toEqual({ from: 500, to: 520 });
  expect(fitted({ from: 0, to: 1000 }, 1000)).toBeNull();
  expect(scaled({ from: 0, to: 100 }, 0.5, 100)).toEqual({ from: 50, to: 100 });
});

test("keys zoom in and out and move, and mean nothing else", () => {
  const near = afterKey("+", null, 1000);
  expect(near).toEqual({ from: 250, to: 750 });
  expect(afterKey("ArrowRight", near ?? null, 1000)).toEqual({ from: 375, to: 875 });
  expect(afterKey("-", near ?? null, 1000)).toBeNull();
  expect(afterKey("Escape", near ?? null, 1000)).toBeNull();
  expect(afterKey("ArrowRight", null, 1000)).toBeUndefined();
});

test("what came since the question is appended, no further than the span", () => {
  const fetched = new Map([["a", { steps: [10, 11], values: [1, 2] }]]);
  const live = new Map([["a", { steps: [5, 11, 12, 30], values: [9, 9, 3, 4] }]]);
  expect(joined(fetched, live, { from: 10, to: 20 }).get("a")).toEqual({ steps: [10, 11, 12], values: [1, 2, 3] });
});

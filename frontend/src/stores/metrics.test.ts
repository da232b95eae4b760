import { beforeEach, expect, it } from "vitest";

import { metrics, MOST_POINTS } from "./metrics";

const points = (from: number, to: number) => ({
  steps: Array.from({ length: to - from }, (_, i) => from + i),
  values: Array.from({ length: to - from }, (_, i) => from + i),
});

beforeEach(() => metrics.cut(0));

it("cuts what came after the step that the run stands at again", () => {
  metrics.append({ "train.loss": points(1, 11) });
  metrics.mark({ step: 4, kind: "set", label: "rate", path: null, before: null, after: null });
  metrics.mark({ step: 9, kind: "set", label: "rate", path: null, before: null, after: null });
  metrics.cut(5);
  expect(metrics.curves.get("train.loss")?.steps).toEqual([1, 2, 3, 4, 5]);
  expect(metrics.marks.map((mark) => mark.step)).toEqual([4]);
  metrics.cut(0);
  expect(metrics.curves.size).toBe(0);
});

it("stays bounded, in order, and keeps the newest points as they are", () => {
  metrics.append({ "train.loss": points(1, 3 * MOST_POINTS) });
  metrics.append({ "train.loss": points(3 * MOST_POINTS, 3 * MOST_POINTS + 5) });
  const curve = metrics.curves.get("train.loss");
  const steps = curve?.steps ?? [];
  expect(steps.length).toBeLessThan(3 * MOST_POINTS);
  expect(steps.every((step, i) => i === 0 || step > (steps[i - 1] ?? 0))).toBe(true);
  expect(steps.slice(-5)).toEqual(points(3 * MOST_POINTS, 3 * MOST_POINTS + 5).steps);
});

it("says nothing of an accuracy that is no longer measured", () => {
  metrics.append({ "train.loss": points(1, 9), "test.loss": points(1, 6), "test.accuracy": points(1, 6) });
  expect(metrics.newest()).toEqual({ "train.loss": 8, "test.loss": 5, "test.accuracy": 5 });
  metrics.append({ "test.loss": points(6, 9) });
  expect(metrics.newest()).toEqual({ "train.loss": 8, "test.loss": 8, "test.accuracy": NaN });
});

import { expect, test } from "vitest";

import type { Field } from "../../ui/schema";
import { suggested, valuesFrom, written } from "./settings";

const base = { key: "lr", title: "Learning rate", help: "", initial: 0.1 };
const rate: Field = { ...base, type: "number", whole: false, lowest: 0, highest: 100, optional: false };
const units: Field = {
  ...base,
  key: "out_features",
  type: "number",
  whole: true,
  lowest: 1,
  highest: 64,
  optional: false,
};
const clip: Field = {
  ...base,
  key: "gradient_clipping",
  type: "number",
  whole: false,
  lowest: 0,
  highest: 9,
  optional: true,
};

test("values begin around what stands there and stay within what is allowed", () => {
  expect(suggested({ path: "", label: "", field: rate, now: 0.03 })).toEqual([0.003, 0.01, 0.03, 0.09]);
  expect(suggested({ path: "", label: "", field: units, now: 24 })).toEqual([12, 24, 48]);
  expect(suggested({ path: "", label: "", field: { ...base, type: "switch" }, now: true })).toEqual([false, true]);
});

test("what somebody writes is read, or said to be wrong", () => {
  expect(valuesFrom("0.1, 1e-3", rate)).toEqual({ values: [0.1, 0.001], problem: null });
  expect(valuesFrom("off, 1", clip).values).toEqual([null, 1]);
  expect(valuesFrom("4, 2.5", units).problem).toContain("2.5");
  expect(valuesFrom(" , ", rate).problem).toContain("at least one");
  expect(valuesFrom("0.1, 0.10", rate).problem).toContain("twice");
  expect([null, true, 0.5].map(written)).toEqual(["off", "on", "0.5"]);
});

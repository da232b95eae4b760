import { expect, test } from "vitest";

import { fieldsOf, slide } from "./schema";
import { fromPlace, toPlace, typedNumber } from "./slider";

test("a place on a slider and its value agree", () => {
  const rate = { min: 1e-5, max: 1, log: true };
  expect(toPlace(1e-5, rate)).toBe(0);
  expect(fromPlace(1, rate)).toBe(1);
  expect(fromPlace(toPlace(0.002, rate), rate)).toBe(0.002);
  const decay = { min: 1e-6, max: 1, log: true, zero: true };
  expect([fromPlace(0, decay), toPlace(0, decay)]).toEqual([0, 0]);
  expect(fromPlace(0.5, { min: 0, max: 9, step: 1 })).toBe(5);
});

test("a typed number is read as people write it, and bounded", () => {
  expect([" 0,5 ", "−2", "1e3", "", "many"].map((text) => typedNumber(text, -1, 100))).toEqual([
    0.5,
    -1,
    100,
    null,
    null,
  ]);
});

test("a schema becomes fields with their ranges", () => {
  const fields = fieldsOf({
    properties: {
      eps: { type: "number", exclusiveMinimum: 0, maximum: 1, default: 1e-8, title: "ε" },
      beta: { type: "number", minimum: 0, exclusiveMaximum: 1, default: 0.9 },
      nesterov: { type: "boolean", default: false },
      mode: { enum: ["same", "valid"], anyOf: undefined, default: "same" },
      limit: { anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }], default: null },
    },
  });
  expect(fields.map((field) => field.type)).toEqual(["number", "number", "switch", "choice", "number"]);
  const [eps, beta] = fields;
  expect(eps?.type === "number" && slide(eps)).toMatchObject({ log: true, zero: false, max: 1e-5 });
  expect(beta?.type === "number" && slide(beta)).toMatchObject({ log: false, min: 0 });
  expect(beta?.type === "number" && beta.highest).toBeLessThan(1);
});

import { expect, it } from "vitest";

import { centreOfMass, inkBox, resample, stroke, toDigit, type Grey } from "./digit";

const blank = (side = 280): Grey => ({ data: new Float32Array(side * side), width: side, height: side });
const asGrey = (bytes: Uint8Array): Grey => ({
  data: Float32Array.from(bytes, (byte) => byte / 255),
  width: 28,
  height: 28,
});

it("an empty drawing is an empty digit", () => {
  expect(inkBox(blank())).toBeNull();
  expect(toDigit(blank(), true).every((byte) => byte === 0)).toBe(true);
});

it("resampling by area keeps the mean", () => {
  const source: Grey = { data: Float32Array.of(1, 0, 0, 0), width: 2, height: 2 };
  expect([...resample(source, 0, 0, 2, 1, 1).data]).toEqual([0.25]);
  expect([...resample(source, -1, -1, 1, 2, 2).data]).toEqual([0, 0, 0, 1]);
});

it("a stroke is as wide as its brush, with soft edges", () => {
  const drawing = blank();
  stroke(drawing, [40, 140], [240, 140], 12);
  expect(inkBox(drawing)).toEqual({ left: 28, top: 128, width: 224, height: 24 });
  const digit = toDigit(drawing, false);
  expect(digit[14 * 28 + 14]).toBe(255);
  const greys = [...digit].filter((byte) => byte > 0 && byte < 255);
  expect(greys.length).toBeGreaterThan(10);
});

it("centring scales the ink to 20 pixels and puts its mass in the middle", () => {
  const drawing = blank();
  stroke(drawing, [30, 20], [30, 120], 10);
  stroke(drawing, [30, 120], [80, 120], 10);
  const digit = asGrey(toDigit(drawing, true));
  const [x, y] = centreOfMass(digit);
  expect(x).toBeCloseTo(14, 0);
  expect(y).toBeCloseTo(14, 0);
  const ink = inkBox(digit, 0.02);
  expect(ink?.height).toBeGreaterThanOrEqual(19);
  expect(ink?.height).toBeLessThanOrEqual(22);
});

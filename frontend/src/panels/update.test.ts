import { expect, it } from "vitest";

import { readNumber } from "./one-number/reading";
import { readUpdate } from "./update";

const TERMS = [
  { symbol: "g", words: "gradient of the loss", template: "", numbers: {}, value: -0.02 },
  {
    symbol: "v",
    words: "velocity",
    template: "{μ}·{v} + {g}",
    numbers: { μ: 0.9, v: 0.5, g: -0.02 },
    value: 0.43,
  },
];

it("puts the numbers into the formula, negative ones in brackets", () => {
  expect(readUpdate({ place: 7, index: [0, 1, 2], terms: TERMS })).toEqual({
    place: 7,
    index: [0, 1, 2],
    lines: [
      { symbol: "g", words: "gradient of the loss", formula: "", filled: "", value: -0.02 },
      { symbol: "v", words: "velocity", formula: "μ·v + g", filled: "0.9·0.5 + (−0.02)", value: 0.43 },
    ],
  });
});

it("raises powers", () => {
  const raw = {
    symbol: "m̂",
    words: "x",
    template: "{m} / (1 − {β₁}^{t})",
    numbers: { m: 0.1, "β₁": 0.9, t: 12 },
    value: 1,
  };
  expect(readUpdate({ place: 0, index: [0], terms: [raw] })?.lines[0]).toMatchObject({
    formula: "m / (1 − β₁ᵗ)",
    filled: "0.1 / (1 − 0.9¹²)",
  });
});

it("tells what was not asked for from what does not exist", () => {
  const extra = { kind: "linear", indices: [4], inputs: [2], weights: [3], products: [6], sum: 6, result: 6 };
  expect(readNumber(extra)).toMatchObject({ update: undefined, delta: null, terms: [{ gradient: null }] });
  expect(readNumber({ ...extra, update: null, delta: 0.5, gradient: [0.1] })).toMatchObject({
    update: null,
    delta: 0.5,
    terms: [{ gradient: 0.1 }],
  });
});

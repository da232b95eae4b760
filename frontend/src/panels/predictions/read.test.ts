import { expect, it } from "vitest";

import { percent } from "../../math/format";
import { readSamples } from "../samples";
import { readBars, verdict, waitingBars } from "./read";

it("marks the winner and the truth", () => {
  expect(readBars([0.2, 0.8], ["cat", "dog"], 0, percent)).toEqual([
    { label: "cat", value: 0.2, text: "20.0%", winner: false, truth: true },
    { label: "dog", value: 0.8, text: "80.0%", winner: true, truth: false },
  ]);
  expect(waitingBars(2).map((bar) => bar.label)).toEqual(["0", "1"]);
  expect([verdict("5", "5"), verdict("9", "4"), verdict("9", null)]).toEqual(["says 5", "says 9, is 4", "says 9"]);
});

it("captions samples and says which are wrong", () => {
  const extra = {
    indices: [3, 4],
    labels: [1, 0],
    predicted: [1, 1],
    confidence: [0.98, 0.5],
    classes: ["cat", "dog"],
  };
  expect(readSamples(extra)).toEqual([
    { name: "image 3, is dog, the network says dog (98%)", caption: "dog", wrong: false },
    { name: "image 4, is cat, the network says dog (50%), wrong", caption: "dog", wrong: true },
  ]);
  expect(readSamples({ indices: [3], labels: [null], predicted: [null] })).toEqual([{ name: "image 3", wrong: false }]);
});

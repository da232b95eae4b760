import { expect, it } from "vitest";

import { parseSource, random } from "./source";

it("reads sources and draws one by chance", () => {
  expect([parseSource("train:17"), parseSource("mine"), parseSource("slot:x")]).toEqual([
    { split: "train", index: 17 },
    { split: "mine", index: 0 },
    { split: "test", index: 0 },
  ]);
  expect(random("test", 10_000, () => 0.5)).toBe("test:5000");
});

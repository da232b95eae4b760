import { expect, it } from "vitest";

import { progressWords, request, unitsOf, valuesOf } from "./dream";

const picture = {
  type: "dream" as const,
  done: 40,
  total: 200,
  score: 12.34,
  share: 0.987,
  shape: [1, 1, 3] as [number, number, number],
  pixels: btoa("\x00\x80\xff"),
};

it("reads the picture and says how far it is", () => {
  expect(valuesOf(picture)).toMatchObject({ shape: [1, 1, 3], lo: 0, hi: 255, bytes: Uint8Array.from([0, 128, 255]) });
  expect(progressWords(picture, "7")).toBe(
    "Step 40 of 200: 7 answers with 12.3, which the network takes for it with 99%.",
  );
  expect(progressWords({ ...picture, share: null }, "map 2")).toBe("Step 40 of 200: map 2 answers with 12.3.");
});

it("knows what can be asked", () => {
  expect([unitsOf([10]), unitsOf([16, 14, 14]), unitsOf(["T", 4]), unitsOf([])]).toEqual([10, 16, 0, 0]);
  const wish = { node: "dense", unit: 1, steps: 9, l2: 0, variation: 1, jitter: 2, blur: 0, seed: 3 };
  expect(request(wish)).toEqual({ kind: "dream", ...wish });
});

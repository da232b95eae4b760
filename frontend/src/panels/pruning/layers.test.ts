import { expect, it } from "vitest";

import type { Frame } from "../../stores/frames";
import { missingPixels } from "./draw-missing";
import { leftBars, leftWords, prunedAway, readLeft } from "./layers";

const frame = {
  header: { extra: { layers: [{ node: "hidden" }, { node: "output" }], done: 2, last: 800 } },
  floats: new Float32Array([100, 1000, 1, 10]),
} as unknown as Frame;

it("tells what is left of each layer and of all, and which are pruned away", () => {
  const left = readLeft(frame);
  expect([left.done, left.last]).toEqual([2, 800]);
  expect(leftBars(left.layers, (node) => node.toUpperCase())).toEqual([
    { label: "HIDDEN", value: 0.1, text: "100 of 1,000" },
    { label: "OUTPUT", value: 0.1, text: "1 of 10" },
  ]);
  expect(leftWords(left.layers)).toBe("101 of 1,010 weights are left: 90.0% are out.");
  expect(leftWords([{ node: "a", left: 4, total: 4 }])).toBe("All 4 weights are there.");
  expect(prunedAway(left.layers)).toEqual(["output"]);
});

it("leaves a pixel out where a weight is pruned", () => {
  const table = Uint32Array.from({ length: 256 }, (_, i) => i);
  expect([...missingPixels(new Float32Array([0, 1e-30, -2, 1, NaN]), table)]).toEqual([0, 128, 1, 192, 0]);
});

import { expect, test } from "vitest";

import type { CheckReport, Experiment } from "../../protocol/types";
import { canBeMoved } from "./pictures";

const of = (axes: number[], classes: string[]) => {
  const shape = { axes: axes.map((size) => ({ name: "", size })) };
  const fields = {
    x: { role: "input", shape, classes: [], columns: [] },
    y: { role: "target", shape: { axes: [] }, classes, columns: [] },
  };
  return { experiment: {} as Experiment, report: { fields } as unknown as CheckReport };
};

test("shifts are compared where every variant tells classes of pictures apart", () => {
  const pictures = of([1, 28, 28], ["0", "1"]);
  expect(canBeMoved([pictures, pictures])).toBe(true);
  expect(canBeMoved([pictures, of([2], ["0", "1"])])).toBe(false);
  expect(canBeMoved([pictures, of([1, 28, 28], [])])).toBe(false);
});

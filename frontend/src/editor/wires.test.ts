import { expect, it } from "vitest";

import { unitOffset, wiresOf } from "./wires";

it("draws one line per weight, as wide as the weight is large", () => {
  const ends = { sourceX: 0, sourceY: 100, targetX: 40, targetY: 100 };
  const wires = wiresOf([1, -0.5, 0, 2], 2, 2, ends);
  expect(wires.map(({ id, width, positive }) => [id, width, positive])).toEqual([
    ["0-0", 2.65, true],
    ["1-0", 1.48, false],
    ["0-1", 0.3, true],
    ["1-1", 5, true],
  ]);
  expect(wires[1]?.name).toBe("unit 1 → unit 0");
  expect(wires[0]?.path).toBe("M0 75.5C20 75.5 20 75.5 40 75.5");
  expect(unitOffset(0, 1)).toBe(2);
});

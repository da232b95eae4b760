import { expect, it } from "vitest";

import { Pace, paceWords } from "./pace";

it("says how often pictures come", () => {
  const pace = new Pace();
  expect(pace.tick(0)).toBeNull();
  expect(pace.tick(2000)).toBe(2);
  expect(pace.tick(3000)).toBeCloseTo(1.7);
  pace.restart();
  expect(pace.tick(9000)).toBeNull();
  expect([null, 0, 0.5, 2].map(paceWords)).toEqual(["", "", "2.0 times a second", "every 2.0 s"]);
});

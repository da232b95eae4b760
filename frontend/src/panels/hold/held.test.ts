import { expect, it } from "vitest";

import { heldWords, isHeld, toggled } from "./held";

it("holds and lets go, leaving no trace", () => {
  const one = toggled({}, "a", "silent", 3);
  expect(one).toEqual({ a: { frozen: false, silent: false, frozen_units: [], silent_units: [3] } });
  const two = toggled(one, "a", "silent", 0);
  expect(two["a"]?.silent_units).toEqual([0, 3]);
  const both = toggled(two, "a", "frozen", null);
  expect([isHeld(both, "a", "frozen", null), isHeld(both, "a", "silent", 3), isHeld(both, "a", "frozen", 3)]).toEqual([
    true,
    true,
    false,
  ]);
  expect(toggled(one, "a", "silent", 3)).toEqual({});
  expect(isHeld({}, "a", "frozen", null)).toBe(false);
});

it("says what is held", () => {
  const held = toggled(toggled(toggled({}, "a", "silent", 1), "a", "frozen", null), "b", "frozen", 0);
  expect(heldWords(held, (node) => node.toUpperCase())).toEqual([
    { node: "a", text: "A: frozen, unit 2 silenced" },
    { node: "b", text: "B: unit 1 frozen" },
  ]);
});

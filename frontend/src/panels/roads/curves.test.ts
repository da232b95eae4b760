import { expect, it } from "vitest";

import type { Junction } from "../roads";
import { curves, lost, powers } from "./curves";

const block = (layers: number | null, shortcut: number | null): Junction => ({
  node: "a",
  fork: "x",
  roads: [
    { arrives: "c", nodes: ["c"], plain: false, signal: 2, gradient: layers },
    ...(shortcut === null ? [] : [{ arrives: "x", nodes: [], plain: true, signal: 4, gradient: shortcut }]),
  ],
});

it("draws both roads block by block, and nothing where there is nothing", () => {
  const found = curves([block(0.01, 0.5), block(null, null), block(0, 2)], ({ gradient }) => gradient);
  expect(found).toEqual({
    shortcut: [
      [1, 0.5],
      [3, 2],
    ],
    layers: [[1, 0.01]],
  });
  expect(lost(found.shortcut)).toBe(0.25);
  expect(lost(found.layers)).toBeNull();
  expect(powers([...found.shortcut, ...found.layers])).toEqual([0.01, 10]);
  expect(powers([])).toEqual([1e-3, 1]);
});

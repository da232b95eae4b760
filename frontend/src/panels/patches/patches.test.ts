import { expect, it } from "vitest";

import { fieldOf, readPatches } from "./patches";

it("reads rows of patches and how far a unit sees", () => {
  const extra = {
    rows: [{ channel: 2, pictures: [5, 9], at: [[1, 0]], answers: [0.5] }],
    reach: [[2, -1, 4]],
    total: 6,
  };
  expect(readPatches(extra, [1, 2, 3, 4, 4])).toEqual({
    rows: [
      {
        channel: 2,
        patches: [
          { picture: 5, at: [1, 0], answer: 0.5 },
          { picture: 9, at: [0, 0], answer: NaN },
        ],
      },
    ],
    sizes: [3, 4, 4],
    reach: [
      [2, -1, 4],
      [1, 0, 1],
    ],
    total: 6,
  });
  expect(readPatches(extra, [1])).toBeNull();
});

it("draws the field of a unit within the picture", () => {
  const reach: Parameters<typeof fieldOf>[0] = [
    [2, -1, 4],
    [2, -1, 4],
  ];
  expect(fieldOf(reach, 0, 3, [28, 28])).toEqual({ top: 0, left: 5, cells: [3, 4], dilation: [1, 1] });
  expect(fieldOf(reach, 13, 13, [28, 28])).toEqual({ top: 25, left: 25, cells: [3, 3], dilation: [1, 1] });
});

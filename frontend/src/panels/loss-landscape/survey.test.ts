import { expect, test } from "vitest";

import type { LandscapeBegun } from "../../protocol/types";
import { begun, complete, extentOf, heights, lossAt, placeOf, withRows } from "./survey";

const plane: LandscapeBegun = {
  type: "begun",
  step: 9,
  size: 3,
  centre: [1, 0],
  span: [2, 4],
  path: [],
  share: null,
  examples: 5,
  whole: [],
  together: 0,
  batch: 0,
};

test("rows come from below and are drawn from above", () => {
  let survey = begun(plane);
  survey = withRows(survey, { type: "rows", first: 0, rows: [[1, 2, 3]] });
  expect(complete(survey)).toBe(false);
  survey = withRows(survey, {
    type: "rows",
    first: 1,
    rows: [
      [4, null, 6],
      [7, 8, 9],
    ],
  });
  expect(complete(survey)).toBe(true);
  expect(extentOf(survey)).toEqual({ low: 1, high: 9 });
  const { floats } = heights(survey);
  expect(floats?.[6]).toBe(0);
  expect(floats?.[2]).toBeCloseTo(1);
  expect(floats?.[4]).toBeNaN();
  expect(lossAt(survey, 0, 1)).toBe(1);
  expect(lossAt(survey, 1, 0)).toBe(9);
});

test("the network of now lies at the origin of the plane", () => {
  expect(placeOf(plane, 0, 0)).toEqual({ across: 0.25, down: 0.5 });
  expect(placeOf(plane, 3, 4)).toEqual({ across: 1, down: 0 });
});

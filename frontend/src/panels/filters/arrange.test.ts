import { expect, it } from "vitest";

import { asMaps, filterName, filterOf, planFilters } from "./arrange";

it("lays filters out by their channels", () => {
  expect(planFilters([8, 1, 5, 5], "Conv 1")).toMatchObject({
    kind: "pictures",
    columns: 8,
    group: 0,
    what: "8 filters 5×5 of Conv 1",
  });
  const deep = planFilters([16, 8, 5, 5], "Conv 2");
  expect(deep).toMatchObject({ columns: 16, group: 8 });
  expect([filterOf(deep, 17), filterName(deep, 17)]).toEqual([{ filter: 2, channel: 1 }, "filter 2, input channel 1"]);
  expect(planFilters([10, 1, 28, 28], "Dense")).toMatchObject({ columns: 5 });
  expect(planFilters([10, 128], "Dense")).toMatchObject({ kind: "matrix", filters: 10 });
  expect(planFilters([10, 16, 7, 7], "Dense", "unit")).toMatchObject({
    columns: 16,
    what: "10 units 7×7 of Dense, each over 16 input channels",
  });
});

it("sees maps in the weights behind flattened maps, and nowhere else", () => {
  expect(asMaps([10, 784], [16, 7, 7])).toEqual([10, 16, 7, 7]);
  expect(asMaps([10, 784], [])).toEqual([10, 784]);
  expect(asMaps([10, 784], [16, 7, 8])).toEqual([10, 784]);
  expect(asMaps([8, 1, 5, 5], [1, 5, 5])).toEqual([8, 1, 5, 5]);
});

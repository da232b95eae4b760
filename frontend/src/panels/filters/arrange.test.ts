import { expect, it } from "vitest";

import { filterName, filterOf, planFilters } from "./arrange";

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
});

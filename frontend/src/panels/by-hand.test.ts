import { expect, test } from "vitest";

import { changed, originsOf, withNew, without } from "./by-hand";

test("every example that is seen leads to its row, or to its entry among the new ones", () => {
  let list = withNew([], "train", { point: [1, 2], label: 0 });
  list = without(list, "train", { row: 1 });
  list = withNew(list, "test", { point: [0, 0], label: 1 });
  list = withNew(list, "train", { point: [3, 4], label: 1 });
  expect(originsOf(list, "train", 3)).toEqual([{ row: 0 }, { row: 2 }, { entry: 0 }, { entry: 3 }]);
  expect(originsOf(list, "test", 1)).toEqual([{ row: 0 }, { entry: 2 }]);
});

test("an example is changed again in its one entry, and taken away with what was done to it", () => {
  const moved = changed([], "train", { row: 4 }, { point: [1, 1] });
  const named = changed(moved, "train", { row: 4 }, { label: 1 });
  expect(named).toEqual([{ split: "train", row: 4, gone: false, values: { point: [1, 1], label: 1 } }]);
  expect(changed(named, "test", { row: 4 }, { label: 0 })).toHaveLength(2);
  expect(without(named, "train", { row: 4 })).toEqual([{ split: "train", row: 4, gone: true, values: {} }]);
  const added = withNew(named, "train", { label: 0 });
  expect(changed(added, "train", { entry: 1 }, { label: 1 })[1]?.values).toEqual({ label: 1 });
  expect(without(added, "train", { entry: 1 })).toEqual(named);
});

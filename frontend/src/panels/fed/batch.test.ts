import { expect, it } from "vitest";

import { added, captions, earlier, without } from "./batch";

it("names the class of every picture, and both of a mixed pair with their shares", () => {
  expect(captions({ labels: ["3", "8"], seconds: [], share: null }, 2)).toEqual(["3", "8"]);
  const mixed = { labels: ["3", "8", "1"], seconds: ["8", "8", "3"], share: 0.75 };
  expect(captions(mixed, 3)).toEqual(["3 75%, 8 25%", "8", "1 75%, 3 25%"]);
  expect(captions({}, 1)).toEqual([""]);
});

it("adds, takes out and reorders without touching the list it was given", () => {
  const list = [
    { kind: "rotate", config: { degrees: 5 } },
    { kind: "cutout", config: {} },
  ];
  expect(added(list, "mixup").map(({ kind }) => kind)).toEqual(["rotate", "cutout", "mixup"]);
  expect(without(list, 0)).toEqual([list[1]]);
  expect(earlier(list, 1)).toEqual([list[1], list[0]]);
  expect(earlier(list, 0)).toEqual(list);
  expect(list.map(({ kind }) => kind)).toEqual(["rotate", "cutout"]);
});

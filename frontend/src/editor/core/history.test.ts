import { expect, test } from "vitest";

import { History } from "./history";

test("takes back and does again, in order; a new step ends the redo", () => {
  const history = new History<number>();
  history.push("one", 0, 1);
  history.push("two", 1, 2);
  expect(history.undoLabel).toBe("two");
  expect(history.undo()?.before).toBe(1);
  expect(history.undo()?.before).toBe(0);
  expect(history.undo()).toBeNull();
  expect(history.redo()?.after).toBe(1);
  history.push("three", 1, 3);
  expect(history.redo()).toBeNull();
  expect(history.undo()?.before).toBe(1);
});

test("the ticks of a slider are one step", () => {
  const history = new History<number>();
  history.push("rate", 0, 1, { key: "lr", at: 0 });
  history.push("rate", 1, 2, { key: "lr", at: 300 });
  history.push("rate", 2, 3, { key: "lr", at: 600 });
  history.push("rate", 3, 4, { key: "lr", at: 5000 });
  expect(history.length).toBe(2);
  expect(history.undo()?.before).toBe(3);
  expect(history.undo()?.before).toBe(0);
});

test("at least 500 steps are kept, more only while there is memory", () => {
  const history = new History<number>(1000);
  for (let i = 0; i < 800; i++) history.push("step", i, i + 1, { bytes: 100 });
  expect(history.length).toBe(500);
  const roomy = new History<number>(1_000_000);
  for (let i = 0; i < 800; i++) roomy.push("step", i, i + 1, { bytes: 100 });
  expect(roomy.length).toBe(800);
});

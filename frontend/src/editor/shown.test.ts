import { flushSync } from "svelte";
import { afterEach, expect, test, vi } from "vitest";

import { Shows } from "./shown.svelte";

afterEach(() => vi.useRealTimers());

const look = (id: string, text: string, stale = false) => ({ id, text, stale, card: { title: id } });

test("only what changed is told, and what may wait is told when the hands rest", () => {
  vi.useFakeTimers();
  const shows = new Shows<ReturnType<typeof look>>(["stale"]);
  shows.update([look("a", "1"), look("b", "1")]);
  const [a, b] = [shows.of("a"), shows.of("b")];
  const [before, other] = [a.value, b.value];
  shows.update([look("a", "1", true), look("b", "2")]);
  expect(a.value).toBe(before);
  expect(b.value).not.toBe(other);
  expect([a.later.stale, b.value.text]).toEqual([false, "2"]);
  vi.runAllTimers();
  flushSync();
  expect([a.later.stale, b.later.stale]).toEqual([true, false]);
});

test("a mark that is taken back before anybody saw it is never shown", () => {
  vi.useFakeTimers();
  const shows = new Shows<ReturnType<typeof look>>(["stale"]);
  shows.update([look("a", "1")]);
  shows.update([look("a", "1", true)]);
  shows.update([look("a", "1")]);
  vi.runAllTimers();
  expect(shows.of("a").later.stale).toBe(false);
  shows.update([]);
  expect(() => shows.of("a")).toThrow("nothing is shown of a");
});

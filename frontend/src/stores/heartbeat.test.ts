import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { Heartbeat } from "./heartbeat";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("tells of silence and of the answer after it, and of nothing once it has stopped", async () => {
  const heard: boolean[] = [];
  let there = false;
  const heart = new Heartbeat(
    (now) => heard.push(now),
    () => Promise.resolve(there),
  );
  heart.start();
  await vi.advanceTimersByTimeAsync(3100);
  there = true;
  await heart.now();
  expect(heard).toEqual([false, true]);

  const late = heart.now();
  heart.stop();
  await late;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(heard).toEqual([false, true]);
});

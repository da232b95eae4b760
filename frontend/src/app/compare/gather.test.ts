import { describe, expect, it } from "vitest";

import { Gathering, type Standing } from "./gather";

const at = (step: number, more: Partial<Standing> = {}): Standing => ({
  step,
  pace: 100,
  running: false,
  paused: true,
  ...more,
});

function gathering() {
  const sent: [Standing, number][] = [];
  return { sent, one: new Gathering<Standing>((variant, steps) => sent.push([variant, steps])) };
}

describe("variants that meet after a pause", () => {
  it("sends the one behind to where the other stands, once", () => {
    const { sent, one } = gathering();
    const [first, last] = [at(63), at(62)];
    expect(one.look([first, last], 0)).toBe(false);
    expect(one.look([first, last], 500)).toBe(false);
    expect(sent).toEqual([[last, 1]]);
    last.step = 63;
    expect([1000, 1500, 2000, 2500].map((now) => one.look([first, last], now))).toEqual([false, false, false, true]);
    expect(sent).toHaveLength(1);
  });

  it("waits while one still trains, and sees where it comes to a stand", () => {
    const { sent, one } = gathering();
    const [first, second] = [at(5), at(5, { running: true, paused: false })];
    expect([0, 500, 1000, 1500, 2000].map((now) => one.look([first, second], now))).not.toContain(true);
    Object.assign(second, { step: 9, running: false, paused: true });
    one.look([first, second], 2500);
    expect(sent).toEqual([[first, 4]]);
  });

  it("asks again after a while, but not for ever, and leaves out what has failed", () => {
    const { sent, one } = gathering();
    const these = [at(100), at(10), at(3, { paused: false })];
    const ends = Array.from({ length: 60 }, (_, i) => one.look(these, 500 * i));
    expect(sent).toHaveLength(5);
    expect(new Set(sent.map(([variant]) => variant))).toEqual(new Set([these[1]]));
    expect(ends.at(-1)).toBe(true);
  });
});

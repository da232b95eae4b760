import { beforeEach, expect, test, vi } from "vitest";

import type { Frame } from "../protocol/frame";
import type { FrameHeader } from "../protocol/types";
import { connect, deliver, latest, refuse, watch } from "./frames";

const frame = (id: number, step: number): Frame => ({
  header: { watch: id, step } as FrameHeader,
  bytes: new Uint8Array([step]),
  floats: null,
  at: () => step,
});

let told: [string, number, number?][];
let draw: (() => void)[];
const nextFrame = (): void => {
  for (const callback of draw.splice(0)) callback();
};

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  draw = [];
  vi.stubGlobal("requestAnimationFrame", (callback: () => void) => draw.push(callback));
  connect({
    watch: (id, request) => told.push(["watch", id, request.rate]),
    unwatch: (id) => told.push(["unwatch", id]),
  });
});

test("identical requests share one stream at the highest rate, drawn once with the newest picture", () => {
  const steps: number[] = [];
  const stops = [
    watch({ probe: "filters", node: "a", rate: 5 }, (got) => steps.push(got.header.step)),
    watch({ probe: "filters", node: "a", rate: 20 }, (got) => steps.push(10 * got.header.step)),
  ];
  const id = told[0]?.[1] ?? -1;
  expect(told).toEqual([
    ["watch", id, 5],
    ["watch", id, 20],
  ]);
  deliver(frame(id, 1));
  deliver(frame(id, 2));
  nextFrame();
  expect(steps).toEqual([2, 20]);
  expect(latest({ probe: "filters", node: "a" })?.header.step).toBe(2);
  for (const stop of stops) stop();
  vi.runAllTimers();
  expect(told.at(-1)).toEqual(["unwatch", id]);
  expect(latest({ probe: "filters", node: "a" })).toBeUndefined();
});

test("who comes later sees the latest at once; a new connection hears of every watch", () => {
  const stop = watch({ probe: "example" }, () => undefined);
  const id = told.at(-1)?.[1] ?? -1;
  deliver(frame(id, 7));
  const seen: number[] = [];
  const stopSecond = watch({ probe: "example" }, (got) => seen.push(got.header.step));
  expect(seen).toEqual([7]);
  const again: number[] = [];
  connect({ watch: (watched) => again.push(watched), unwatch: () => undefined });
  expect(again).toContain(id);
  stop();
  stopSecond();
  vi.runAllTimers();
});

test("a panel that comes back within the grace keeps its stream, over a new connection too", () => {
  watch({ probe: "flow" }, () => undefined)();
  const id = told.at(-1)?.[1] ?? -1;
  const again: number[] = [];
  connect({ watch: (watched) => again.push(watched), unwatch: () => again.push(-1) });
  const stop = watch({ probe: "flow" }, () => undefined);
  vi.advanceTimersByTime(5000);
  expect(again).toEqual([id]);
  stop();
  vi.runAllTimers();
});

test("without a connection a panel that is put up again shows the last picture; a new connection ends what is left", () => {
  const request = { probe: "plane" };
  const stop = watch(request, () => undefined);
  deliver(frame(told.at(-1)?.[1] ?? -1, 9));
  connect(null);
  stop();
  vi.runAllTimers();
  const seen: number[] = [];
  watch(request, (got) => seen.push(got.header.step))();
  expect(seen).toEqual([9]);
  vi.runAllTimers();
  told = [];
  connect({
    watch: (id, { probe }) => told.push([probe, id]),
    unwatch: (id) => told.push(["unwatch", id]),
  });
  expect(told.map(([what]) => what)).not.toContain("plane");
  expect(told.map(([what]) => what)).not.toContain("unwatch");
  expect(latest(request)).toBeUndefined();
});

test("who wants to know is told that there is nothing to see, also who comes later, until a picture comes", () => {
  const told: string[] = [];
  let id = -1;
  connect({ watch: (watched) => (id = watched), unwatch: () => undefined });
  const stop = watch({ probe: "histogram", node: "unit" }, () => undefined);
  expect(refuse(id, "no loss")).toBe(false);
  const late = watch(
    { probe: "histogram", node: "unit" },
    () => undefined,
    (why) => told.push(why),
  );
  expect(told).toEqual(["no loss"]);
  expect(refuse(id, "still none")).toBe(true);
  deliver(frame(id, 1));
  watch(
    { probe: "histogram", node: "unit" },
    () => undefined,
    (why) => told.push(why),
  )();
  expect(told).toEqual(["no loss", "still none"]);
  stop();
  late();
});

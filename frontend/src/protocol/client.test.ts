import { encode } from "@msgpack/msgpack";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { type Connection, type Found, LiveClient } from "./client";
import type { Frame } from "./frame";
import type { LiveEvent } from "./types";

/** The other end of the wire, played by the test. */
class FakeSocket {
  static all: FakeSocket[] = [];
  readyState = 1;
  binaryType = "";
  sent: Record<string, unknown>[] = [];
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.readyState = 3;
  }
  says(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  drops(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

interface Seen {
  events: string[];
  frames: Frame[];
  states: Connection[];
  reason: string | null;
  fate: Found;
  probes: boolean[];
}

let seen: Seen;
let client: LiveClient;
const newest = (): FakeSocket => FakeSocket.all.at(-1) as FakeSocket;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  seen = { events: [], frames: [], states: [], reason: null, fate: "there", probes: [] };
  client = new LiveClient(
    (stream, seq) => `/live?stream=${stream}&seq=${seq}`,
    {
      event: (event: LiveEvent) => seen.events.push("seq" in event ? `${event.type} ${event.seq}` : event.type),
      frame: (frame) => seen.frames.push(frame),
      connection: (state, _, reason) => {
        seen.states.push(state);
        seen.reason = reason;
      },
      probe: (closely) => {
        seen.probes.push(closely);
        return Promise.resolve(seen.fate);
      },
    },
    { open: (url) => new FakeSocket(url) as unknown as WebSocket, backoff: () => 100 },
  );
  client.start();
});

afterEach(() => {
  client.stop();
  vi.useRealTimers();
});

const hello = { type: "hello", stream: "s1", seq: 4, client: "c1", run: {}, series: {}, marks: [], speed: null };

test("a lost connection resumes where it ended, and replayed events are skipped", async () => {
  newest().says(hello);
  newest().says({ type: "metrics", seq: 5, series: {} });
  newest().drops();
  await vi.advanceTimersByTimeAsync(100);
  expect(newest().url).toBe("/live?stream=s1&seq=5");
  newest().says({ type: "resumed", stream: "s1", seq: 5, client: "c2" });
  newest().says({ type: "metrics", seq: 5, series: {} });
  newest().says({ type: "metrics", seq: 6, series: {} });
  expect(seen.events).toEqual(["hello 4", "metrics 5", "resumed 5", "metrics 6"]);
  expect(seen.states).toEqual(["connecting", "live", "lost", "live"]);
});

test("silence is noticed, and whichever connection speaks first is kept", async () => {
  newest().says(hello);
  const silent = newest();
  await vi.advanceTimersByTimeAsync(2500);
  silent.says({ type: "alive" });
  await vi.advanceTimersByTimeAsync(2500);
  expect(seen.states).toEqual(["connecting", "live"]);
  await vi.advanceTimersByTimeAsync(1500);
  expect([seen.states.at(-1), seen.reason]).toEqual(["lost", "silent"]);
  await expect(client.ask({ type: "run" })).resolves.toMatchObject({ code: "not-connected" });
  const second = newest();
  expect(second.url).toBe("/live?stream=s1&seq=4");
  silent.says({ type: "metrics", seq: 5, series: {} });
  expect([seen.states.at(-1), second.readyState, client.isLive]).toEqual(["live", 3, true]);

  // So soon after it greeted, the link is slow rather than lost: it gets twice the time.
  await vi.advanceTimersByTimeAsync(5500);
  expect(seen.states.at(-1)).toBe("live");
  await vi.advanceTimersByTimeAsync(1000);
  expect(seen.states.at(-1)).toBe("lost");
  newest().says({ type: "resumed", stream: "s1", seq: 5, client: "c2" });
  expect([silent.readyState, seen.states.at(-1)]).toEqual([3, "live"]);
  silent.says({ type: "metrics", seq: 6, series: {} });
  expect(seen.events).toEqual(["hello 4", "metrics 5", "resumed 5"]);
});

test("a try that gets nowhere is given up, and the server is asked before the next", async () => {
  newest().says(hello);
  newest().drops();
  seen.fate = "unreachable";
  await vi.advanceTimersByTimeAsync(100);
  expect(FakeSocket.all).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(5000);
  expect([FakeSocket.all.length, newest().readyState]).toEqual([2, 3]);
  expect(seen.probes.length).toBeGreaterThan(20);
  seen.fate = "there";
  await vi.advanceTimersByTimeAsync(100);
  expect(FakeSocket.all).toHaveLength(3);
  newest().onopen?.();
  await vi.advanceTimersByTimeAsync(1900);
  newest().says(hello);
  await vi.advanceTimersByTimeAsync(2500);
  expect(seen.states.at(-1)).toBe("live");
});

test("a page that wakes asks at once; one that slept reads first what came", async () => {
  newest().says(hello);
  client.wake();
  await vi.advanceTimersByTimeAsync(500);
  expect(seen.states.at(-1)).toBe("live");
  await vi.advanceTimersByTimeAsync(1000);
  expect(seen.states.at(-1)).toBe("lost");
  seen.fate = "unreachable";
  newest().drops();
  await vi.advanceTimersByTimeAsync(1000);
  const tries = FakeSocket.all.length;
  client.wake();
  expect(FakeSocket.all).toHaveLength(tries + 1);
  newest().says(hello);
  expect(seen.states.at(-1)).toBe("live");
});

test("why it was closed is known: the server stops, the run is gone, the key does not fit", async () => {
  newest().says(hello);
  newest().drops(1012);
  expect(seen.reason).toBe("restarting");
  await vi.advanceTimersByTimeAsync(100);
  seen.fate = "refused";
  newest().drops();
  await vi.advanceTimersByTimeAsync(5000);
  expect([seen.states.at(-1), seen.reason, seen.probes]).toEqual(["closed", "refused", [true]]);
  client.start();
  newest().drops(4404);
  expect([seen.states.at(-1), seen.reason]).toEqual(["closed", "gone"]);
});

test("a run that is gone ends the tries", async () => {
  newest().says(hello);
  newest().drops();
  await vi.advanceTimersByTimeAsync(100);
  seen.fate = "gone";
  newest().drops();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(FakeSocket.all).toHaveLength(2);
  expect(seen.states.at(-1)).toBe("closed");
});

test("an answer finds its question; one that cannot come is a problem", async () => {
  newest().says(hello);
  const first = client.ask({ type: "run" });
  const second = client.ask({ type: "pause" });
  const [one, two] = newest().sent;
  newest().says({ type: "ack", id: two?.["id"], revision: null, step: null });
  await expect(second).resolves.toEqual({ type: "ack", id: two?.["id"], revision: null, step: null });
  expect(one).toEqual({ type: "run", id: 1 });
  newest().drops();
  await expect(first).resolves.toMatchObject({ type: "problem", code: "not-connected" });
  await expect(client.ask({ type: "run" })).resolves.toMatchObject({ code: "not-connected" });
});

test("a binary message is a picture", () => {
  const header = encode({ watch: 3, shape: [2], dtype: "uint8", lo: -1, hi: 1 });
  const message = new Uint8Array(4 + header.length + 2);
  new DataView(message.buffer).setUint32(0, header.length, true);
  message.set(header, 4);
  message.set([0, 255], 4 + header.length);
  newest().onmessage?.({ data: message.buffer });
  expect(seen.frames.map((frame) => [frame.header.watch, frame.at(0), frame.at(1)])).toEqual([[3, -1, 1]]);
});

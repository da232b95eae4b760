import { encode } from "@msgpack/msgpack";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { type Connection, LiveClient } from "./client";
import type { Frame } from "./frame";
import type { LiveEvent } from "./types";

/** The other end of the wire, played by the test. */
class FakeSocket {
  static all: FakeSocket[] = [];
  readyState = 1;
  binaryType = "";
  sent: Record<string, unknown>[] = [];
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
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
  drops(): void {
    this.readyState = 3;
    this.onclose?.();
  }
}

interface Seen {
  events: string[];
  frames: Frame[];
  states: Connection[];
  fate: "there" | "gone" | "unreachable";
}

let seen: Seen;
let client: LiveClient;
const newest = (): FakeSocket => FakeSocket.all.at(-1) as FakeSocket;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  seen = { events: [], frames: [], states: [], fate: "there" };
  client = new LiveClient(
    (stream, seq) => `/live?stream=${stream}&seq=${seq}`,
    {
      event: (event: LiveEvent) => seen.events.push("seq" in event ? `${event.type} ${event.seq}` : event.type),
      frame: (frame) => seen.frames.push(frame),
      connection: (state) => seen.states.push(state),
      probe: () => Promise.resolve(seen.fate),
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
  expect(seen.states).toEqual(["connecting", "live", "lost", "lost", "live"]);
});

test("a run that is gone ends the tries", async () => {
  newest().says(hello);
  seen.fate = "gone";
  newest().drops();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(FakeSocket.all).toHaveLength(1);
  expect(seen.states.at(-1)).toBe("closed");
});

test("an answer finds its question; one that cannot come is a problem", async () => {
  newest().says(hello);
  const first = client.ask({ type: "run" });
  const second = client.ask({ type: "pause" });
  const [one, two] = newest().sent;
  newest().says({ type: "ack", id: two?.["id"], revision: null });
  await expect(second).resolves.toEqual({ type: "ack", id: two?.["id"], revision: null });
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

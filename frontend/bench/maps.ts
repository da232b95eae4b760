/**
 * 64 feature maps of 28×28 at 30 Hz through the real path: bytes of the wire → decoder → store → atlas. Measures the
 * time between animation frames without and with the stream in turn, and leaves the result on `window.result`.
 */
import "../src/app.css";

import { encode } from "@msgpack/msgpack";
import { mount } from "svelte";

import { decodeFrame } from "../src/protocol/frame";
import { connect, deliver, watch } from "../src/stores/frames";
import TensorAtlas from "../src/ui/TensorAtlas.svelte";

const MAPS = 64;
const SIDE = 28;
const HERTZ = 30;
const BLOCKS = 4;
const SECONDS = 0.8;

interface Measured {
  fps: number;
  p95: number;
  frames: number;
  sent: number;
  busy: number;
}

declare global {
  interface Window {
    result?: { idle: Measured; live: Measured; ratio: number };
  }
}

/** A few different messages, made beforehand, as a server would send them. */
function messages(watchId: number): ArrayBuffer[] {
  return Array.from({ length: 16 }, (_, turn) => {
    const body = Uint8Array.from({ length: MAPS * SIDE * SIDE }, (_, i) => 128 + 127 * Math.sin(i / 37 + turn / 3));
    const shape = [MAPS, SIDE, SIDE];
    const picture = { dtype: "uint8", shape, axes: ["C", "H", "W"], lo: -1.5, hi: 2, signed: true };
    const header = encode({
      watch: watchId,
      probe: "activations",
      node: "conv",
      tap: "out",
      source: "test:0",
      step: turn,
      extra: {},
      ...picture,
    });
    const message = new Uint8Array(4 + header.length + body.length);
    new DataView(message.buffer).setUint32(0, header.length, true);
    message.set(header, 4);
    message.set(body, 4 + header.length);
    return message.buffer;
  });
}

/** Frames a second and the 95th percentile of their distance, while `stream` runs at 30 Hz (or nothing does). */
function measure(stream: (() => void) | null): Promise<Measured> {
  return new Promise((resolve) => {
    const times: number[] = [];
    let [sent, busy] = [0, 0];
    const timer = stream
      ? setInterval(() => {
          const from = performance.now();
          stream();
          sent += 1;
          busy += performance.now() - from;
        }, 1000 / HERTZ)
      : undefined;
    const start = performance.now();
    const tick = (now: number): void => {
      times.push(now);
      if (now - start < SECONDS * 1000) return void requestAnimationFrame(tick);
      clearInterval(timer);
      const gaps = times.slice(1).map((time, i) => time - (times[i] ?? time));
      const sorted = [...gaps].sort((a, b) => a - b);
      const fps = (1000 * gaps.length) / ((times.at(-1) ?? 0) - (times[0] ?? 0));
      resolve({
        fps,
        p95: sorted[Math.floor(sorted.length * 0.95)] ?? 0,
        frames: gaps.length,
        sent,
        busy: busy / Math.max(1, sent),
      });
    };
    requestAnimationFrame(tick);
  });
}

/** The block with the median frame rate. */
function middle(blocks: Measured[]): Measured {
  const sorted = [...blocks].sort((a, b) => a.fps - b.fps);
  const block = sorted[Math.floor(sorted.length / 2)];
  if (!block) throw new Error("nothing was measured");
  return block;
}

async function main(): Promise<void> {
  const target = document.getElementById("bench");
  if (!target) throw new Error("the page has no place for the maps");
  let [id, drawing, drawn] = [0, 0, 0];
  connect({ watch: (next) => (id = next), unwatch: () => undefined });
  const request = { probe: "activations", node: "conv", tap: "out", source: "test:0", rate: HERTZ };
  mount(TensorAtlas, {
    target,
    props: {
      width: 560,
      summary: "64 synthetic maps",
      feed: (show) =>
        watch(request, ({ header, bytes, floats }) => {
          const from = performance.now();
          show({ ...header, bytes, floats });
          drawing += performance.now() - from;
          drawn += 1;
        }),
    },
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const ready = messages(id);
  let turn = 0;
  const stream = (): void => deliver(decodeFrame((ready[turn++ % ready.length] as ArrayBuffer).slice(0)));
  const blocks: { idle: Measured; live: Measured }[] = [];
  for (let i = 0; i < BLOCKS; i++) blocks.push({ idle: await measure(null), live: await measure(stream) });
  const idle = middle(blocks.map((block) => block.idle));
  const live = middle(blocks.map((block) => block.live));
  live.busy += drawing / Math.max(1, drawn);
  window.result = { idle, live, ratio: live.fps / idle.fps };
}

void main();

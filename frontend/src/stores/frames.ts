/** Pictures: who watches what, and the latest frame of each. Frames stay outside reactive state on purpose. */
import { untrack } from "svelte";

import type { Frame } from "../protocol/frame";
import type { FrameHeader } from "../protocol/types";

export type { Frame, FrameHeader };

/** `source`: `test:5`, `train:3` or `mine`. `rate`: pictures a second, at most. */
export interface WatchRequest {
  probe: string;
  node?: string;
  tap?: string;
  source?: string;
  options?: Record<string, unknown>;
  rate?: number;
}

/** How watches reach the server. */
export interface Wire {
  watch(id: number, request: WatchRequest): void;
  unwatch(id: number): void;
}

type Listener = (frame: Frame) => void;

interface Watching {
  id: number;
  key: string;
  request: WatchRequest;
  rate: number;
  listeners: Map<Listener, number>;
  latest: Frame | undefined;
  fresh: boolean;
  ending: ReturnType<typeof setTimeout> | undefined;
}

const DEFAULT_RATE = 10;
const MOST_WATCHES = 4096;
/** A panel that is taken down and put up again within this time keeps its stream. */
const GRACE = 400;
/** Streams whose pictures are kept while there is no connection. */
const MOST_KEPT = 256;

let wire: Wire | null = null;
let scheduled = false;
const byKey = new Map<string, Watching>();
const byId = new Map<number, Watching>();

function keyOf(request: WatchRequest): string {
  const options = Object.entries(request.options ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([request.probe, request.node ?? "", request.tap ?? "", request.source ?? "", options]);
}

function freeId(): number {
  for (let id = 0; id < MOST_WATCHES; id++) if (!byId.has(id)) return id;
  throw new RangeError("too many pictures are watched at once");
}

function begin(request: WatchRequest, key: string): Watching {
  const watching: Watching = {
    id: freeId(),
    key,
    request,
    rate: 0,
    listeners: new Map(),
    latest: undefined,
    fresh: false,
    ending: undefined,
  };
  byKey.set(key, watching);
  byId.set(watching.id, watching);
  return watching;
}

/** Without a connection its last picture stays, for a panel that is put up again meanwhile. */
function leave(watching: Watching): void {
  watching.ending = undefined;
  if (wire === null && byId.size <= MOST_KEPT) return;
  drop(watching);
  wire?.unwatch(watching.id);
}

const left = ({ listeners, ending }: Watching): boolean => listeners.size === 0 && ending === undefined;

function drop(watching: Watching): void {
  byKey.delete(watching.key);
  byId.delete(watching.id);
}

function tell(watching: Watching): void {
  wire?.watch(watching.id, { ...watching.request, rate: watching.rate });
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    for (const watching of byId.values()) {
      if (!watching.fresh || !watching.latest) continue;
      watching.fresh = false;
      for (const listener of [...watching.listeners.keys()]) listener(watching.latest);
    }
  });
}

/**
 * Calls `onFrame` with the newest picture, at most once per animation frame, and at once where one is known.
 * Identical requests share one stream at the highest rate asked for. Returns the function that stops it.
 */
export function watch(request: WatchRequest, onFrame: (frame: Frame) => void): () => void {
  const key = keyOf(request);
  const watching = byKey.get(key) ?? begin(request, key);
  clearTimeout(watching.ending);
  watching.ending = undefined;
  // A wrapper, so that one function may watch the same thing twice.
  const listener: Listener = (frame) => onFrame(frame);
  watching.listeners.set(listener, request.rate ?? DEFAULT_RATE);
  const highest = Math.max(...watching.listeners.values());
  if (highest !== watching.rate) {
    watching.rate = highest;
    tell(watching);
  }
  const known = watching.latest;
  // Not tracked: what a listener reads must not make the effect that watches run again.
  if (known) untrack(() => listener(known));
  return () => {
    watching.listeners.delete(listener);
    if (watching.listeners.size > 0 || byKey.get(key) !== watching) return;
    clearTimeout(watching.ending);
    watching.ending = setTimeout(() => leave(watching), GRACE);
  };
}

/** The newest picture of a request that somebody watches. */
export function latest(request: WatchRequest): Frame | undefined {
  return byKey.get(keyOf(request))?.latest;
}

/** A picture arrived. One whose stream nobody watches any more is dropped. */
export function deliver(frame: Frame): void {
  const watching = byId.get(frame.header.watch);
  if (!watching) return;
  watching.latest = frame;
  watching.fresh = true;
  schedule();
}

/** Tells a new connection everything that is watched; null: there is none. */
export function connect(next: Wire | null): void {
  wire = next;
  // Also those in their grace: a panel may come back to them without asking again.
  for (const watching of [...byId.values()]) {
    if (next && left(watching)) drop(watching);
    else tell(watching);
  }
}

/** Forgets the pictures of a run that is no longer shown; the watches stay. */
export function forget(): void {
  for (const watching of byId.values()) {
    watching.latest = undefined;
    watching.fresh = false;
  }
}

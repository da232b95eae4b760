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
  /** Who is told why there is nothing to see. */
  refused: Map<Listener, (why: string) => void>;
  /** The words of the last refusal; null once a picture came. */
  refusal: string | null;
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

function keyOf(request: WatchRequest): string {
  const options = Object.entries(request.options ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([request.probe, request.node ?? "", request.tap ?? "", request.source ?? "", options]);
}

const left = ({ listeners, ending }: Watching): boolean => listeners.size === 0 && ending === undefined;

/** The pictures of one run. */
export class Streams {
  private wire: Wire | null = null;
  private scheduled = false;
  private readonly byKey = new Map<string, Watching>();
  private readonly byId = new Map<number, Watching>();

  /**
   * Calls `onFrame` with the newest picture, at most once per animation frame, and at once where one is known.
   * Identical requests share one stream at the highest rate asked for. `onRefused` is told, in words, that there is
   * nothing to see; without it the page says so. Returns the function that stops it.
   */
  watch(request: WatchRequest, onFrame: (frame: Frame) => void, onRefused?: (why: string) => void): () => void {
    const key = keyOf(request);
    const watching = this.byKey.get(key) ?? this.begin(request, key);
    clearTimeout(watching.ending);
    watching.ending = undefined;
    // A wrapper, so that one function may watch the same thing twice.
    const listener: Listener = (frame) => onFrame(frame);
    watching.listeners.set(listener, request.rate ?? DEFAULT_RATE);
    const highest = Math.max(...watching.listeners.values());
    if (highest !== watching.rate) {
      watching.rate = highest;
      this.tell(watching);
    }
    if (onRefused) {
      watching.refused.set(listener, onRefused);
      const { refusal } = watching;
      if (refusal !== null) untrack(() => onRefused(refusal));
    }
    const known = watching.latest;
    // Not tracked: what a listener reads must not make the effect that watches run again.
    if (known) untrack(() => listener(known));
    return () => {
      watching.listeners.delete(listener);
      watching.refused.delete(listener);
      if (watching.listeners.size > 0 || this.byKey.get(key) !== watching) return;
      clearTimeout(watching.ending);
      watching.ending = setTimeout(() => this.leave(watching), GRACE);
    };
  }

  /** The newest picture of a request that somebody watches. */
  latest(request: WatchRequest): Frame | undefined {
    return this.byKey.get(keyOf(request))?.latest;
  }

  /** The server has nothing to show for a watch; whether somebody who watches wanted to know. */
  refuse(id: number, why: string): boolean {
    const watching = this.byId.get(id);
    if (!watching) return false;
    watching.refusal = why;
    for (const told of [...watching.refused.values()]) told(why);
    return watching.refused.size > 0;
  }

  /** A picture arrived. One whose stream nobody watches any more is dropped. */
  deliver(frame: Frame): void {
    const watching = this.byId.get(frame.header.watch);
    if (!watching) return;
    watching.latest = frame;
    watching.refusal = null;
    watching.fresh = true;
    this.schedule();
  }

  /** Tells a new connection everything that is watched; null: there is none. */
  connect(next: Wire | null): void {
    this.wire = next;
    // Also those in their grace: a panel may come back to them without asking again.
    for (const watching of [...this.byId.values()]) {
      if (next && left(watching)) this.drop(watching);
      else this.tell(watching);
    }
  }

  /** Forgets the pictures of a run that is no longer shown; the watches stay. */
  forget(): void {
    for (const watching of this.byId.values()) {
      watching.latest = undefined;
      watching.fresh = false;
    }
  }

  private freeId(): number {
    for (let id = 0; id < MOST_WATCHES; id++) if (!this.byId.has(id)) return id;
    throw new RangeError("too many pictures are watched at once");
  }

  private begin(request: WatchRequest, key: string): Watching {
    const watching: Watching = {
      id: this.freeId(),
      key,
      request,
      rate: 0,
      listeners: new Map(),
      refused: new Map(),
      refusal: null,
      latest: undefined,
      fresh: false,
      ending: undefined,
    };
    this.byKey.set(key, watching);
    this.byId.set(watching.id, watching);
    return watching;
  }

  /** Without a connection its last picture stays, for a panel that is put up again meanwhile. */
  private leave(watching: Watching): void {
    watching.ending = undefined;
    if (this.wire === null && this.byId.size <= MOST_KEPT) return;
    this.drop(watching);
    this.wire?.unwatch(watching.id);
  }

  private drop(watching: Watching): void {
    this.byKey.delete(watching.key);
    this.byId.delete(watching.id);
  }

  private tell(watching: Watching): void {
    this.wire?.watch(watching.id, { ...watching.request, rate: watching.rate });
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      for (const watching of this.byId.values()) {
        if (!watching.fresh || !watching.latest) continue;
        watching.fresh = false;
        for (const listener of [...watching.listeners.keys()]) listener(watching.latest);
      }
    });
  }
}

/** Those of the run on screen. */
const streams = new Streams();
export const watch: Streams["watch"] = (...given) => streams.watch(...given);
export const latest: Streams["latest"] = (request) => streams.latest(request);
export const deliver: Streams["deliver"] = (frame) => streams.deliver(frame);
export const connect: Streams["connect"] = (next) => streams.connect(next);
export const forget: Streams["forget"] = () => streams.forget();
export const refuse: Streams["refuse"] = (id, why) => streams.refuse(id, why);

/**
 * The live websocket of one run: notices silence, comes back by itself, resumes by stream and sequence number.
 *
 * A connection that says nothing for some seconds is not waited for: a second one is tried beside it, and whichever
 * speaks first is kept. Once a try has failed, the server is asked over HTTP before the next: browsers delay
 * websockets more and more after each that failed, which would keep a page away long after its network is back.
 */
import { decodeFrame, type Frame } from "./frame";
import type { Ack, Command, Conflict, LiveEvent, ProblemAnswer } from "./types";

export type Answer = Ack | Conflict | ProblemAnswer;
export type Connection = "connecting" | "live" | "lost" | "closed";
/** Why it is not live: nothing is heard; the socket was closed; the server stops; the run, or the right to it, is gone. */
export type Reason = "silent" | "cut" | "restarting" | "gone" | "refused";
export type Found = "there" | "gone" | "refused" | "unreachable";
type Distribute<T> = T extends unknown ? Omit<T, "id"> : never;
/** A command without its number, which the client gives. */
export type Order = Distribute<Command>;

export interface Handlers {
  event(event: LiveEvent): void;
  frame(frame: Frame): void;
  /** `attempt` counts the tries since the connection was lost. */
  connection(state: Connection, attempt: number, reason: Reason | null): void;
  /**
   * Asked before another try: does the server answer? `closely`: also whether it still has the run and lets this
   * page in. Must answer within some seconds; "gone" and "refused" end the tries.
   */
  probe(closely: boolean): Promise<Found>;
}

export interface Options {
  /** Opens the socket; a fake in tests. */
  open?: (url: string) => WebSocket;
  /** Milliseconds before attempt n (counted from 1). */
  backoff?: (attempt: number) => number;
}

const FIRST_WAIT = 250;
const LONGEST_WAIT = 1000;
const LONGEST_WAIT_HIDDEN = 5000;
const ANSWER_WITHIN = 15_000;
/** The server says something at least once a second. */
const PATIENCE = 3000;
const MOST_PATIENCE = 24_000;
/** A connection that falls silent this soon again is slow rather than lost: patience doubles. */
const SETTLED = 30_000;
const LOOK_EVERY = 500;
/** After the page slept, what came meanwhile is read first. */
const GRACE = 800;
const OPEN_WITHIN = 2000;
const LONGEST_GREETING = 32_000;

/** 250 ms, 500 ms, then 1 s (5 s in a hidden page), each up to a fifth shorter so that a hall does not come at once. */
export function defaultBackoff(attempt: number): number {
  const longest = document.hidden ? LONGEST_WAIT_HIDDEN : LONGEST_WAIT;
  return Math.min(longest, FIRST_WAIT * 2 ** (attempt - 1)) * (0.8 + 0.2 * Math.random());
}

interface Waiting {
  resolve(answer: Answer): void;
  timer: ReturnType<typeof setTimeout>;
}

export class LiveClient {
  /** The socket that greeted, and the one that is tried. */
  private current: WebSocket | null = null;
  private candidate: WebSocket | null = null;
  private stream = "";
  private seq = 0;
  private nextId = 1;
  private attempt = 0;
  private reason: Reason | null = null;
  private stopped = true;
  /** Tries that opened but did not greet; tries that the server turned away. */
  private ungreeted = 0;
  private turnedAway = 0;
  private patience = PATIENCE;
  private heard = 0;
  private greeted = -SETTLED;
  private looked = 0;
  /** Advanced to end a loop of tries. */
  private turn = 0;
  private watchdog: ReturnType<typeof setInterval> | undefined;
  private deadline: ReturnType<typeof setTimeout> | undefined;
  private pause: { timer: ReturnType<typeof setTimeout>; end: () => void } | null = null;
  private readonly waiting = new Map<number, Waiting>();

  constructor(
    private readonly address: (stream: string, seq: number) => string,
    private readonly handlers: Handlers,
    private readonly options: Options = {},
  ) {}

  /** Whether a command sent now has a good chance to arrive. */
  get isLive(): boolean {
    return this.current?.readyState === 1 && this.reason === null;
  }

  start(): void {
    this.stopped = false;
    this.looked = performance.now();
    this.watchdog = setInterval(() => this.look(), LOOK_EVERY);
    this.handlers.connection("connecting", 0, null);
    this.open();
  }

  stop(): void {
    this.end();
    this.drop(this.current);
    this.current = null;
    this.abandon();
  }

  /** Tries at once instead of waiting for the next attempt. */
  retryNow(): void {
    if (this.stopped || this.isLive) return;
    this.turn += 1;
    this.pause?.end();
    this.dropCandidate();
    this.open();
  }

  /** The page was hidden, asleep or without a network until now: a silent connection gets only a moment more. */
  wake(): void {
    if (this.stopped) return;
    const now = performance.now();
    this.looked = now;
    if (this.isLive) this.heard = Math.min(this.heard, now - this.patience + GRACE);
    else this.retryNow();
  }

  /** Sends and forgets; false when there is no connection. */
  send(order: Order): boolean {
    if (!this.isLive) return false;
    this.current?.send(JSON.stringify(order));
    return true;
  }

  /** Sends and waits for the answer. Without a connection the answer is a problem with the code `not-connected`. */
  ask(order: Order): Promise<Answer> {
    if (!this.isLive) return Promise.resolve(refusal("not-connected", "There is no connection to the server."));
    const id = this.nextId++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        resolve(refusal("no-answer", "The server did not answer in time."));
      }, ANSWER_WITHIN);
      this.waiting.set(id, { resolve, timer });
      this.current?.send(JSON.stringify({ ...order, id }));
    });
  }

  // ---- silence ------------------------------------------------------------------------------------------------

  private look(): void {
    const now = performance.now();
    if (now - this.looked > 4 * LOOK_EVERY) this.heard = Math.max(this.heard, now - this.patience + GRACE);
    this.looked = now;
    if (!this.isLive || now - this.heard <= this.patience) return;
    const settled = now - this.greeted > SETTLED;
    this.patience = settled ? PATIENCE : Math.min(MOST_PATIENCE, 2 * this.patience);
    this.lost("silent");
    this.open();
  }

  private lost(reason: Reason): void {
    this.reason = reason;
    this.attempt = 1;
    this.handlers.connection("lost", this.attempt, reason);
  }

  // ---- coming back --------------------------------------------------------------------------------------------

  private open(): void {
    const open = this.options.open ?? ((url) => new WebSocket(url));
    const socket = open(this.address(this.stream, this.seq));
    socket.binaryType = "arraybuffer";
    this.candidate = socket;
    let opened = false;
    this.expect(OPEN_WITHIN);
    socket.onopen = () => {
      opened = true;
      this.ungreeted += 1;
      this.expect(Math.min(LONGEST_GREETING, OPEN_WITHIN * 2 ** (this.ungreeted - 1)));
    };
    socket.onmessage = (message) => this.receive(socket, message.data as string | ArrayBuffer);
    socket.onclose = (event) => {
      if (!opened && socket === this.candidate) this.turnedAway += 1;
      this.closed(socket, event.code);
    };
  }

  /** The candidate must get a step further within so many milliseconds. */
  private expect(within: number): void {
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => {
      this.dropCandidate();
      void this.again(false);
    }, within);
  }

  private closed(socket: WebSocket, code: number): void {
    const wasCurrent = socket === this.current;
    if (wasCurrent) {
      this.current = null;
      this.abandon();
    } else if (socket === this.candidate) this.dropCandidate();
    else return;
    if (this.stopped) return;
    if (code === 4404) {
      this.giveUp("gone");
    } else if (!wasCurrent) {
      void this.again(true);
    } else if (this.reason === null) {
      this.lost(code === 1012 ? "restarting" : "cut");
      void this.wait().then((turn) => turn === this.turn && this.open());
    }
  }

  /** Asks the server, with pauses between, until it answers; then tries it. */
  private async again(pauseFirst: boolean): Promise<void> {
    let turn = ++this.turn;
    for (let first = true; !this.stopped; first = false) {
      if (pauseFirst || !first) turn = await this.wait();
      if (turn !== this.turn || this.stopped) return;
      this.attempt += 1;
      this.reason ??= "cut";
      this.handlers.connection("lost", this.attempt, this.reason);
      const found = await this.handlers.probe(this.turnedAway > 0);
      if (turn !== this.turn || this.stopped) return;
      if (found === "gone" || found === "refused") this.giveUp(found);
      else if (found === "there") this.open();
      if (found !== "unreachable") return;
    }
  }

  /** The pause before the next attempt; the turn that was on when it began. */
  private wait(): Promise<number> {
    const turn = this.turn;
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(this.pause?.timer);
        this.pause = null;
        resolve(turn);
      };
      this.pause = { end, timer: setTimeout(end, (this.options.backoff ?? defaultBackoff)(Math.max(1, this.attempt))) };
    });
  }

  private giveUp(reason: Reason): void {
    this.end();
    this.reason = reason;
    this.handlers.connection("closed", this.attempt, reason);
  }

  private end(): void {
    this.stopped = true;
    this.turn += 1;
    clearInterval(this.watchdog);
    this.pause?.end();
    this.dropCandidate();
  }

  private dropCandidate(): void {
    clearTimeout(this.deadline);
    this.drop(this.candidate);
    this.candidate = null;
  }

  private drop(socket: WebSocket | null): void {
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** It speaks: every other socket and every plan for one is dropped. */
  private live(): void {
    this.turn += 1;
    this.pause?.end();
    this.dropCandidate();
    this.attempt = this.ungreeted = this.turnedAway = 0;
    this.reason = null;
    this.handlers.connection("live", 0, null);
  }

  // ---- messages -----------------------------------------------------------------------------------------------

  private receive(socket: WebSocket, data: string | ArrayBuffer): void {
    this.heard = performance.now();
    if (socket === this.current && this.reason !== null) this.live();
    if (typeof data !== "string") {
      this.handlers.frame(decodeFrame(data));
      return;
    }
    const event = JSON.parse(data) as LiveEvent;
    switch (event.type) {
      case "hello":
      case "resumed":
        this.stream = event.stream;
        if (event.type === "hello") this.seq = event.seq;
        this.promote(socket);
        this.handlers.event(event);
        this.live();
        return;
      case "ack":
      case "conflict":
      case "problem":
        if (!this.answer(event)) this.handlers.event(event);
        return;
      case "alive":
        return;
      case "pulse":
      case "kept":
      case "looked":
        this.handlers.event(event);
        return;
      default:
        // Replayed events that were already folded in are skipped.
        if (event.seq <= this.seq) return;
        this.seq = event.seq;
        this.handlers.event(event);
    }
  }

  private promote(socket: WebSocket): void {
    if (socket === this.candidate) this.candidate = null;
    clearTimeout(this.deadline);
    if (socket !== this.current) {
      this.drop(this.current);
      this.abandon();
    }
    this.current = socket;
    this.greeted = this.heard;
  }

  private answer(answer: Answer): boolean {
    const waiting = answer.id === null ? undefined : this.waiting.get(answer.id);
    if (!waiting || answer.id === null) return false;
    clearTimeout(waiting.timer);
    this.waiting.delete(answer.id);
    waiting.resolve(answer);
    return true;
  }

  private abandon(): void {
    for (const { resolve, timer } of this.waiting.values()) {
      clearTimeout(timer);
      resolve(refusal("not-connected", "The connection was lost before the server answered."));
    }
    this.waiting.clear();
  }
}

function refusal(code: string, message: string): ProblemAnswer {
  return { type: "problem", id: null, code, message, node: null, field: null };
}

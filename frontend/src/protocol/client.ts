/** The live websocket of one run: reconnects by itself, resumes by stream and sequence number, answers commands. */
import { decodeFrame, type Frame } from "./frame";
import type { Ack, Command, Conflict, LiveEvent, ProblemAnswer } from "./types";

export type Answer = Ack | Conflict | ProblemAnswer;
export type Connection = "connecting" | "live" | "lost" | "closed";
type Distribute<T> = T extends unknown ? Omit<T, "id"> : never;
/** A command without its number, which the client gives. */
export type Order = Distribute<Command>;

export interface Handlers {
  event(event: LiveEvent): void;
  frame(frame: Frame): void;
  /** `attempt` counts the tries since the connection was lost. */
  connection(state: Connection, attempt: number): void;
  /** Asked after a failed attempt: is the run still there? "gone" ends the tries. */
  probe(): Promise<"there" | "gone" | "unreachable">;
}

export interface Options {
  /** Opens the socket; a fake in tests. */
  open?: (url: string) => WebSocket;
  /** Milliseconds before attempt n (counted from 1); never above 3 s. */
  backoff?: (attempt: number) => number;
}

const FIRST_WAIT = 250;
const LONGEST_WAIT = 3000;
const ANSWER_WITHIN = 15_000;

/** 250 ms, 500 ms, 1 s, 2 s, then 3 s, each up to a fifth shorter so that a hall does not come back all at once. */
export function defaultBackoff(attempt: number): number {
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1)) * (0.8 + 0.2 * Math.random());
}

interface Waiting {
  resolve(answer: Answer): void;
  timer: ReturnType<typeof setTimeout>;
}

export class LiveClient {
  private socket: WebSocket | null = null;
  private stream = "";
  private seq = 0;
  private nextId = 1;
  private attempt = 0;
  private stopped = false;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly waiting = new Map<number, Waiting>();

  constructor(
    private readonly address: (stream: string, seq: number) => string,
    private readonly handlers: Handlers,
    private readonly options: Options = {},
  ) {}

  get isLive(): boolean {
    return this.socket?.readyState === 1;
  }

  start(): void {
    this.stopped = false;
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.retryTimer);
    this.socket?.close();
    this.socket = null;
    this.abandon();
  }

  /** Tries at once instead of waiting for the next attempt. */
  retryNow(): void {
    if (this.stopped || this.socket) return;
    clearTimeout(this.retryTimer);
    this.connect();
  }

  /** Sends and forgets; false when there is no connection. */
  send(order: Order): boolean {
    if (!this.isLive) return false;
    this.socket?.send(JSON.stringify(order));
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
      this.socket?.send(JSON.stringify({ ...order, id }));
    });
  }

  private connect(): void {
    this.handlers.connection(this.attempt === 0 ? "connecting" : "lost", this.attempt);
    const open = this.options.open ?? ((url) => new WebSocket(url));
    const socket = open(this.address(this.stream, this.seq));
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onmessage = (message) => {
      if (this.socket === socket) this.receive(message.data as string | ArrayBuffer);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.abandon();
      if (!this.stopped) void this.retry();
    };
  }

  private async retry(): Promise<void> {
    this.attempt += 1;
    this.handlers.connection("lost", this.attempt);
    if ((await this.handlers.probe()) === "gone") {
      this.stopped = true;
      this.handlers.connection("closed", this.attempt);
      return;
    }
    if (this.stopped || this.socket) return;
    const wait = (this.options.backoff ?? defaultBackoff)(this.attempt);
    this.retryTimer = setTimeout(() => this.connect(), wait);
  }

  private receive(data: string | ArrayBuffer): void {
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
        this.attempt = 0;
        this.handlers.event(event);
        this.handlers.connection("live", 0);
        return;
      case "ack":
      case "conflict":
      case "problem":
        if (!this.answer(event)) this.handlers.event(event);
        return;
      case "pulse":
        this.handlers.event(event);
        return;
      default:
        // Replayed events that were already folded in are skipped.
        if (event.seq <= this.seq) return;
        this.seq = event.seq;
        this.handlers.event(event);
    }
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

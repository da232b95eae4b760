/** Whether the server is there, for a page that has no connection to it: one that composes what nobody trains yet. */

/** Milliseconds between two questions, and how long an answer may take. */
const EVERY = 3000;
const WITHIN = 2500;

const answers = async (): Promise<boolean> => {
  const init: RequestInit = { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(WITHIN) };
  return fetch("/api/health", init).then(
    () => true,
    () => false,
  );
};

export class Heartbeat {
  private timer: ReturnType<typeof setInterval> | undefined;

  /** `tell` hears of every answer and of every silence, `ask` puts the question. */
  constructor(
    private readonly tell: (there: boolean) => void,
    private readonly ask: () => Promise<boolean> = answers,
  ) {}

  start(): void {
    this.stop();
    this.timer = setInterval(() => void this.now(), EVERY);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Asks at once; what comes after `stop` is not told. */
  async now(): Promise<void> {
    const { timer } = this;
    if (timer === undefined) return;
    const there = await this.ask();
    if (this.timer === timer) this.tell(there);
  }
}

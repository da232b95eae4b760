/** Undo and redo: what changed, forwards and backwards, bounded by memory but never below 500 steps. */

export interface Step<T> {
  label: string;
  before: T;
  after: T;
  /** About how much memory it holds. */
  bytes: number;
  /** Steps with the same key that follow one another quickly are one step: the ticks of a slider. */
  key?: string | undefined;
  at: number;
}

export const LEAST_STEPS = 500;
export const MOST_BYTES = 64 * 2 ** 20;
const TOGETHER_MS = 900;

export class History<T> {
  private past: Step<T>[] = [];
  private future: Step<T>[] = [];
  private bytes = 0;

  constructor(
    private readonly mostBytes = MOST_BYTES,
    private readonly leastSteps = LEAST_STEPS,
  ) {}

  get length(): number {
    return this.past.length;
  }

  get undoLabel(): string | null {
    return this.past.at(-1)?.label ?? null;
  }

  get redoLabel(): string | null {
    return this.future.at(-1)?.label ?? null;
  }

  push(label: string, before: T, after: T, options: { bytes?: number; key?: string; at?: number } = {}): void {
    const { bytes = 256, key, at = Date.now() } = options;
    this.future = [];
    const last = this.past.at(-1);
    if (last && key !== undefined && last.key === key && at - last.at < TOGETHER_MS) {
      this.past[this.past.length - 1] = { ...last, after, at };
      return;
    }
    this.past.push({ label, before, after, bytes, key, at });
    this.bytes += bytes;
    while (this.bytes > this.mostBytes && this.past.length > this.leastSteps)
      this.bytes -= this.past.shift()?.bytes ?? 0;
  }

  /** The step to take back; null if there is none. */
  undo(): Step<T> | null {
    const step = this.past.pop();
    if (!step) return null;
    this.bytes -= step.bytes;
    this.future.push(step);
    return step;
  }

  redo(): Step<T> | null {
    const step = this.future.pop();
    if (!step) return null;
    this.bytes += step.bytes;
    // Done again now: what comes next is a step of its own.
    this.past.push({ ...step, key: undefined });
    return step;
  }

  clear(): void {
    this.past = [];
    this.future = [];
    this.bytes = 0;
  }
}

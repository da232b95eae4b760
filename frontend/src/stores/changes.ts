/**
 * What a person changed in the document and the server has not confirmed: shown at once, sent one after another,
 * kept while there is no connection. A change whose place was changed by somebody else meanwhile is never sent over
 * theirs: it becomes a clash, and the person decides.
 */
import type { Answer, Order } from "../protocol/client";
import { valueAt, withValue } from "../protocol/document";
import type { Experiment } from "../protocol/types";
import type { Unsent } from "./unsent";

/** Two changes of one place. `before` is what both began from; a value is undefined where its place is gone. */
export interface Clash {
  path: string;
  mine: unknown;
  theirs: unknown;
  before: unknown;
  /** For what is more than one place: how the choice is carried out, and how mine is put into an experiment. */
  settle?: (mine: boolean) => void;
  over?: (experiment: Experiment) => Experiment;
}

export interface Host {
  /** The document as the server last confirmed it, and its revision. */
  confirmed(): { experiment: Experiment; revision: number } | null;
  /** The server confirmed another document, or none of the changes shown holds any more. */
  adopt(experiment: Experiment, revision: number): void;
  ask(order: Order): Promise<Answer>;
  clash(clash: Clash): void;
  /** A change was turned down, in words. */
  refused(message: string): void;
  /** What is not confirmed has changed: to be kept beyond the page. */
  keep(list: Unsent[]): void;
}

interface Entry {
  value: unknown;
  before: unknown;
  /** Values of this place that were sent and may have arrived. */
  sent: unknown[];
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** How things lie on the page is nothing to ask about: what only they moved stays moved, for the rest mine holds. */
function arranged(before: unknown, mine: unknown, theirs: unknown): unknown {
  if (!isTable(mine) || !isTable(theirs)) return mine;
  const old = isTable(before) ? before : {};
  const untouched = Object.entries(theirs).filter(([key]) => same(mine[key], old[key]));
  const kept = Object.entries(mine).filter(([key, value]) => !same(value, old[key]));
  return Object.fromEntries([...untouched, ...kept]);
}

export class Changes {
  private readonly waiting = new Map<string, Entry>();
  private sending: Promise<void> | null = null;
  private current: { path: string; before: unknown; sent: unknown[] } | null = null;

  constructor(private readonly host: Host) {}

  /** How many places wait to be sent. */
  get count(): number {
    return this.waiting.size;
  }

  clear(): void {
    this.waiting.clear();
  }

  /** The document with everything in it that is not confirmed yet. */
  over(experiment: Experiment): Experiment {
    let shown = experiment;
    // Also what is on its way: a document of before it must not take it back on the page.
    if (this.current) shown = withValue(shown, this.current.path, this.current.sent.at(-1));
    for (const [path, { value }] of this.waiting) shown = withValue(shown, path, value);
    return shown;
  }

  /**
   * Changes one place. While an earlier change of it is on its way only the newest value is kept. `began` is what the
   * person saw when they began, where that was some time ago (a name being typed, an undo); else it is what is shown.
   */
  put(path: string, value: unknown, ...began: unknown[]): void {
    const known = this.host.confirmed();
    if (!known) return;
    const entry = this.waiting.get(path);
    const before = began.length > 0 ? began[0] : valueAt(known.experiment, path);
    if (entry) entry.value = value;
    else this.waiting.set(path, { value, before, sent: this.onTheWay(path) });
    this.keep();
    void this.send();
  }

  /** Everything that is not confirmed, what is on its way included. */
  private keep(): void {
    const list = new Map<string, Unsent>();
    if (this.current) {
      const { path, before, sent } = this.current;
      list.set(path, { path, before, value: sent.at(-1) });
    }
    for (const [path, { value, before }] of this.waiting) {
      list.set(path, { path, value, before: list.has(path) ? list.get(path)?.before : before });
    }
    this.host.keep([...list.values()]);
  }

  /** What was sent for a place and is not answered: theirs, if it turns up, is no clash. */
  private onTheWay(path: string): unknown[] {
    return this.current?.path === path ? [...this.current.sent] : [];
  }

  /** Sends what waits; called again when the connection is back. */
  send(): Promise<void> {
    this.sending ??= this.sendAll().finally(() => {
      this.sending = null;
    });
    return this.sending;
  }

  /** Resolves once nothing is on its way. */
  async settled(): Promise<void> {
    while (this.sending) await this.sending;
  }

  private async sendAll(): Promise<void> {
    for (let known = this.host.confirmed(); known && this.waiting.size > 0; known = this.host.confirmed()) {
      const [path, entry] = this.waiting.entries().next().value as [string, Entry];
      this.waiting.delete(path);
      if (this.clashes(path, entry, known)) {
        this.keep();
        continue;
      }
      entry.sent.push(entry.value);
      this.current = { path, before: entry.before, sent: entry.sent };
      const answer = await this.host.ask({ type: "set", path, value: entry.value, revision: known.revision });
      this.current = null;
      const further = this.settle(path, entry, answer);
      this.keep();
      if (!further) break;
    }
  }

  /** Whether somebody else changed the place; if so the person is asked. */
  private clashes(path: string, entry: Entry, known: { experiment: Experiment; revision: number }): boolean {
    const theirs = valueAt(known.experiment, path);
    if (path.startsWith("view.")) {
      entry.value = arranged(entry.before, entry.value, theirs);
      return false;
    }
    if ([entry.before, entry.value, ...entry.sent].some((value) => same(value, theirs))) return false;
    this.host.adopt(known.experiment, known.revision);
    this.host.clash({ path, mine: entry.value, theirs, before: entry.before });
    return true;
  }

  /** Whether to go on with what waits. */
  private settle(path: string, entry: Entry, answer: Answer): boolean {
    const known = this.host.confirmed();
    const newer = this.waiting.get(path);
    if (answer.type === "ack" && known) {
      if (newer) newer.before = entry.value;
      // The document that came of it was announced before the answer.
      this.host.adopt(known.experiment, Math.max(known.revision, answer.revision ?? 0));
    } else if (answer.type === "conflict") {
      if (!newer) this.waiting.set(path, entry);
      entry.sent.pop();
      this.host.adopt(answer.experiment, answer.revision);
    } else if (answer.type === "problem" && answer.code === "not-connected") {
      if (newer) newer.sent.push(...entry.sent);
      else this.waiting.set(path, entry);
      return false;
    } else if (known) {
      this.host.adopt(known.experiment, known.revision);
      if (answer.type === "problem") this.host.refused(answer.message);
    }
    return true;
  }
}

/** Values of which each has a signal of its own: one card changes without any work for the other 199. */
import { Rest } from "./rest";

export class Shown<T> {
  value = $state.raw() as T;

  constructor(value: T) {
    this.value = value;
  }
}

export class Shows<T extends { id: string }> {
  private readonly all = new Map<string, Shown<T>>();
  /** What each shows, as text: written once, not at every comparison. */
  private readonly texts = new Map<string, Texts>();
  private readonly waiting = new Map<string, T>();
  private readonly rest = new Rest();

  private readonly without: Record<string, undefined>;

  /** `slow`: what may be told a moment later, so that a keystroke does not wait for it. */
  constructor(private readonly slow: (keyof T & string)[] = []) {
    this.without = Object.fromEntries(slow.map((key) => [key, undefined]));
  }

  /** Takes what is shown now, and tells only those of whom something changed. */
  update(items: readonly T[]): void {
    const ids = new Set(items.map((item) => item.id));
    for (const id of this.all.keys()) {
      if (ids.has(id)) continue;
      this.all.delete(id);
      this.texts.delete(id);
      this.waiting.delete(id);
    }
    for (const item of items) {
      const known = this.all.get(item.id);
      const text = this.textsOf(item);
      if (!known) this.all.set(item.id, new Shown(item));
      else if (this.texts.get(item.id)?.quick !== text.quick) known.value = item;
      else if (this.texts.get(item.id)?.slow !== text.slow) {
        this.waiting.set(item.id, item);
        continue;
      }
      this.texts.set(item.id, text);
      this.waiting.delete(item.id);
    }
    if (this.waiting.size > 0) this.rest.then(() => this.tellAll());
    else this.rest.cancel();
  }

  of(id: string): Shown<T> {
    const known = this.all.get(id);
    if (!known) throw new Error(`nothing is shown of ${id}`);
    return known;
  }

  private tellAll(): void {
    for (const [id, item] of this.waiting) {
      this.texts.set(id, this.textsOf(item));
      this.of(id).value = item;
    }
    this.waiting.clear();
  }

  private textsOf(item: T): Texts {
    const quick = JSON.stringify({ ...item, ...this.without });
    return { quick, slow: this.slow.map((key) => JSON.stringify(item[key])).join() };
  }
}

interface Texts {
  quick: string;
  slow: string;
}

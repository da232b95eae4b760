/** Values of which each has a signal of its own: one card changes without any work for the other 199. */
import { alike } from "./core/same";
import { Rest } from "./rest";

export class Shown<T> {
  value = $state.raw() as T;
  /** The same, with what is told a moment later. */
  later = $state.raw() as T;

  constructor(value: T) {
    this.value = value;
    this.later = value;
  }
}

export class Shows<T extends { id: string }> {
  private readonly all = new Map<string, Shown<T>>();
  private readonly waiting = new Map<string, T>();
  private readonly rest = new Rest();

  /** `slow`: what may be told a moment later, so that a keystroke does not wait for it. It is read from `later`. */
  constructor(private readonly slow: readonly (keyof T)[] = []) {}

  /** Takes what is shown now, and tells only those of whom something changed. */
  update(items: readonly T[]): void {
    const ids = new Set(items.map((item) => item.id));
    for (const id of this.all.keys()) if (!ids.has(id)) this.all.delete(id);
    this.waiting.clear();
    for (const item of items) {
      const known = this.all.get(item.id);
      if (!known) this.all.set(item.id, new Shown(item));
      else {
        if (!this.quickAlike(known.value, item)) known.value = item;
        if (!this.slow.every((key) => alike(known.later[key], item[key]))) this.waiting.set(item.id, item);
      }
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
    for (const [id, item] of this.waiting) this.of(id).later = item;
    this.waiting.clear();
  }

  private quickAlike(a: T, b: T): boolean {
    const keys = Object.keys(b) as (keyof T)[];
    return keys.every((key) => this.slow.includes(key) || alike(a[key], b[key]));
  }
}

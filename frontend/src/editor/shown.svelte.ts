/** Values of which each has a signal of its own: one card changes without any work for the other 199. */

export class Shown<T> {
  value = $state.raw() as T;

  constructor(value: T) {
    this.value = value;
  }
}

export class Shows<T extends { id: string }> {
  private readonly all = new Map<string, Shown<T>>();
  /** What each shows, as text: written once, not at every comparison. */
  private readonly texts = new Map<string, string>();

  /** Takes what is shown now, and tells only those of whom something changed. */
  update(items: readonly T[]): void {
    const ids = new Set(items.map((item) => item.id));
    for (const id of this.all.keys()) {
      if (ids.has(id)) continue;
      this.all.delete(id);
      this.texts.delete(id);
    }
    for (const item of items) {
      const known = this.all.get(item.id);
      const text = JSON.stringify(item);
      if (!known) this.all.set(item.id, new Shown(item));
      else if (this.texts.get(item.id) !== text) known.value = item;
      this.texts.set(item.id, text);
    }
  }

  of(id: string): Shown<T> {
    const known = this.all.get(id);
    if (!known) throw new Error(`nothing is shown of ${id}`);
    return known;
  }
}

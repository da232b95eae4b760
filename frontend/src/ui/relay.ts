import type { Feed } from "../math/values";

/** Passes the latest value on to whoever shows it, outside reactive state; who comes late gets it at once. */
export class Relay<T> {
  latest: T | null = null;
  #listeners = new Set<(value: T) => void>();

  readonly feed: Feed<T> = (show) => {
    this.#listeners.add(show);
    if (this.latest !== null) show(this.latest);
    return () => this.#listeners.delete(show);
  };

  push(value: T): void {
    this.latest = value;
    for (const show of this.#listeners) show(value);
  }

  clear(): void {
    this.latest = null;
  }
}

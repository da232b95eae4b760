/** What two windows changed at once and nobody has decided yet: theirs is in effect, mine waits here. */
import type { Clash } from "./changes";

class Clashes {
  list = $state.raw<readonly Clash[]>([]);
  /** The question is on screen; put off, it waits in a banner. */
  asking = $state(false);

  add(clash: Clash): void {
    this.list = [...this.list.filter((other) => other.path !== clash.path), clash];
    this.asking = true;
  }

  /** Decided, or overtaken by a newer change of the same place. */
  drop(path: string): void {
    if (this.list.some((clash) => clash.path === path)) this.list = this.list.filter((clash) => clash.path !== path);
  }

  has(path: string): boolean {
    return this.list.some((clash) => clash.path === path);
  }

  clear(): void {
    this.list = [];
    this.asking = false;
  }
}

export const clashes = new Clashes();

/** After “Pause”, those behind go on to where the first one stands. Pure but for the order that it is given. */
import { behind, type Runner } from "./pace";

export interface Standing extends Runner {
  /** It stands and can go on: neither failed nor finished. */
  readonly paused: boolean;
}

/** Looks at variants that all stand still before it is content: the news of a pause may come late. */
const QUIET = 4;
/** How often one variant is sent on; what does not move then can not. */
const TRIES = 5;
/** Milliseconds in which one that was sent on is left alone, unless it has arrived before. */
const PATIENCE = 3000;

export class Gathering<T extends Standing> {
  private quiet = 0;
  private sent = new Map<T, { step: number; at: number; tries: number }>();

  constructor(private readonly send: (one: T, steps: number) => void) {}

  /** Sends on whoever is behind, at `now` in milliseconds; true once they have met, or can not. */
  look(variants: readonly T[], now: number): boolean {
    const those = variants.filter(({ running, paused }) => running || paused);
    if (those.some(({ running }) => running)) {
      this.quiet = 0;
      return false;
    }
    const steps = behind(those);
    let waiting = false;
    those.forEach((one, i) => {
      const missing = steps[i] ?? 0;
      const before = this.sent.get(one);
      if (missing === 0 || (before?.tries ?? 0) >= TRIES) return;
      waiting = true;
      if (before && one.step < before.step && now - before.at < PATIENCE) return;
      this.sent.set(one, { step: one.step + missing, at: now, tries: (before?.tries ?? 0) + 1 });
      this.send(one, missing);
    });
    this.quiet = waiting ? 0 : this.quiet + 1;
    return this.quiet >= QUIET;
  }
}

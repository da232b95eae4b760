/** The time of the run on screen: which steps are kept, which one is looked at, what was set aside. */
import type { Aside, Experiment, Kept } from "../protocol/types";

const BACK = "torchglass.back";

class Time {
  /** Steps that one can look at and go back to, ascending. */
  kept = $state.raw<number[]>([]);
  /** What going back has set aside and can come back, oldest first. */
  asides = $state.raw<Aside[]>([]);
  /** Why no steps are kept, in words. */
  reason = $state<string | null>(null);
  private at = $state<number | null>(null);
  /** What was trained at that step, as soon as it is known. */
  then = $state.raw<Experiment | null>(null);

  /** The step that every picture shows; null: now. */
  get looking(): number | null {
    return this.at;
  }

  set looking(step: number | null) {
    this.at = step;
    if (step === null) this.then = null;
  }

  /** The step that somebody here has gone back to, until they have said that it is good; kept over a reload. */
  back = $state<number | null>(null);

  /** The network had other layers at the step that is looked at. */
  missing = $state(false);

  /** A picture that is watched does not exist at the step that is looked at; false where none is looked at. */
  missed(): boolean {
    this.missing = this.looking !== null;
    return this.missing;
  }

  /** Somebody has gone back to that step of a run; null: it is good so, or what was set aside is back. */
  went(run: string, step: number | null): void {
    this.back = step;
    if (step === null) sessionStorage.removeItem(BACK);
    else sessionStorage.setItem(BACK, JSON.stringify([run, step]));
  }

  learn({ steps, asides, reason }: Kept, run: string): void {
    this.back ??= asides.find(({ base }) => sessionStorage.getItem(BACK) === JSON.stringify([run, base]))?.base ?? null;
    this.kept = steps;
    this.asides = asides;
    this.reason = reason;
  }

  clear(): void {
    this.kept = [];
    this.asides = [];
    this.reason = null;
    this.looking = null;
    this.back = null;
  }

  /** The kept step nearest to `step`. */
  nearest(step: number): number | undefined {
    let best = this.kept[0];
    for (const kept of this.kept) if (Math.abs(kept - step) < Math.abs((best ?? kept) - step)) best = kept;
    return best;
  }
}

export const time = new Time();

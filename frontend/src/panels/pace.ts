/** How often pictures come, as the budget for looking allows. Pure. */

/** Seconds between two pictures lately (a running mean); hand it the time of each, in milliseconds. */
export class Pace {
  private last: number | null = null;
  seconds: number | null = null;

  tick(now: number): number | null {
    if (this.last !== null) {
      const gap = (now - this.last) / 1000;
      this.seconds = this.seconds === null ? gap : 0.7 * this.seconds + 0.3 * gap;
    }
    this.last = now;
    return this.seconds;
  }

  /** What is shown has changed: gaps are counted anew. */
  restart(): void {
    this.last = this.seconds = null;
  }
}

/** `2.0 times a second`, `every 3.4 s`; empty while it is not known. */
export function paceWords(seconds: number | null): string {
  if (seconds === null || !(seconds > 0)) return "";
  return seconds < 0.95 ? `${(1 / seconds).toFixed(1)} times a second` : `every ${seconds.toFixed(1)} s`;
}

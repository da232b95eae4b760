/** How variants of different speed keep together: the one furthest behind trains freely, the others follow it. Pure. */

export interface Runner {
  step: number;
  /** Steps a second, as measured. */
  pace: number;
  running: boolean;
}

/** Seconds in which one that is ahead is waited for. */
const GATHER = 1;
/** Those ahead go on, however slowly. */
const LEAST = 1;

/** Steps a second that each is allowed; null: as fast as it goes. */
export function paces(runners: readonly Runner[]): (number | null)[] {
  const moving = runners.filter((one) => one.running);
  const last = moving.reduce<Runner | null>((a, b) => (a && a.step <= b.step ? a : b), null);
  return runners.map((one) => {
    if (!last || !one.running || one === last) return null;
    // It has not begun: nobody runs away from it.
    if (last.pace <= 0) return one.step > last.step ? LEAST : null;
    const ahead = (one.step - last.step) / (GATHER * last.pace);
    return Math.max(LEAST, Math.round(last.pace * Math.max(0.05, 1.05 - ahead)));
  });
}

/** How many steps each is behind the one that is furthest. */
export function behind(runners: readonly Runner[]): number[] {
  const first = Math.max(0, ...runners.map(({ step }) => step));
  return runners.map(({ step }) => first - step);
}

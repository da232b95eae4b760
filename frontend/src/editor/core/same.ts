/** What did not change stays the same object, so that nothing that reads it works again. Pure. */

/**
 * `next`, with every item that equals the one of the same id in `before` taken from there; `before` itself where all
 * are the same.
 */
export function kept<T extends { id: string }>(
  before: readonly T[],
  next: readonly T[],
  same: (a: T, b: T) => boolean = alike,
): readonly T[] {
  const known = new Map(before.map((one) => [one.id, one]));
  const found = next.map((one) => {
    const old = known.get(one.id);
    return old !== undefined && same(old, one) ? old : one;
  });
  return found.length === before.length && found.every((one, i) => one === before[i]) ? before : found;
}

/** Whether two values of a document would be written alike; where they are one object, nothing in it is looked at. */
export function alike(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return Object.is(a, b);
  const [mine, theirs] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(mine);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(theirs).length &&
    keys.every((key) => key in theirs && alike(mine[key], theirs[key]))
  );
}

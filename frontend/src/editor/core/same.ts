/** What did not change stays the same object, so that nothing that reads it works again. Pure. */

/**
 * `next`, with every item that equals the one of the same id in `before` taken from there; `before` itself where all
 * are the same.
 */
export function kept<T extends { id: string }>(
  before: readonly T[],
  next: readonly T[],
  same: (a: T, b: T) => boolean = asText,
): readonly T[] {
  const known = new Map(before.map((one) => [one.id, one]));
  const found = next.map((one) => {
    const old = known.get(one.id);
    return old !== undefined && same(old, one) ? old : one;
  });
  return found.length === before.length && found.every((one, i) => one === before[i]) ? before : found;
}

/** Written once for each object: what is kept is compared again and again. */
const texts = new WeakMap<object, string>();

function text(one: object): string {
  const known = texts.get(one) ?? JSON.stringify(one);
  texts.set(one, known);
  return known;
}

const asText = (a: object, b: object): boolean => text(a) === text(b);

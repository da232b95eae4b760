/** Settings that the server has not confirmed, kept in the storage of this tab: they outlive a reload. */

/** A place that was changed, its new value and what it began from. */
export interface Unsent {
  path: string;
  value: unknown;
  before?: unknown;
}

const PREFIX = "torchglass.unsent.";

/** Keeps what waits for a run; nothing: forgets it. Where the tab has no room left, it waits on the page alone. */
export function storeUnsent(run: string, list: readonly Unsent[]): void {
  sessionStorage.removeItem(PREFIX + run);
  if (list.length === 0) return;
  try {
    sessionStorage.setItem(PREFIX + run, JSON.stringify(list));
  } catch {
    // What a reload would lose is still sent as long as the page is open.
  }
}

/** What was kept for a run; empty where there is nothing to be read. */
export function unsentOf(run: string): Unsent[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(PREFIX + run) ?? "[]");
    return Array.isArray(found) ? found.filter(isUnsent) : [];
  } catch {
    return [];
  }
}

const isUnsent = (one: unknown): one is Unsent =>
  typeof one === "object" && one !== null && "value" in one && "path" in one && typeof one.path === "string";

/** Reading and changing one value of the experiment document by its dotted path. */
import type { Experiment } from "./types";

type Json = Record<string, unknown>;

/** Lists of things with an id are addressed by the id: `network.nodes.drop1.config.p`. */
function step(container: unknown, key: string): string | number {
  if (!Array.isArray(container)) return key;
  const found = container.findIndex((item: unknown) => (item as Json | null)?.["id"] === key);
  return found >= 0 ? found : Number(key);
}

/** The value at a path; undefined where there is none. */
export function valueAt(experiment: Experiment, path: string): unknown {
  let value: unknown = experiment;
  for (const key of path.split(".")) {
    if (value === null || typeof value !== "object") return undefined;
    value = (value as Json)[step(value, key)];
  }
  return value;
}

/** A copy of the experiment with one value changed; everything beside the path is shared with the original. */
export function withValue(experiment: Experiment, path: string, value: unknown): Experiment {
  const change = (container: unknown, keys: string[]): unknown => {
    const [first, ...rest] = keys;
    if (first === undefined) return value;
    const key = step(container, first);
    const copy = (Array.isArray(container) ? [...(container as unknown[])] : { ...(container as Json) }) as Json;
    copy[key] = change(copy[key], rest);
    return copy;
  };
  return change(experiment, path.split(".")) as Experiment;
}

/** The same whatever the order of the keys. */
export function alike(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a, inOrder) === JSON.stringify(b, inOrder);
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

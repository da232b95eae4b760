import { makeTables, type Tables } from "../math/tables";

/** Colours of the current theme, read from the CSS tokens of the page. */
export interface Palette extends Tables {
  /** The value of a token, for example `token("--ink-2")`. */
  token(name: string): string;
}

let current: Palette | null = null;
const listeners = new Set<() => void>();
let observer: MutationObserver | null = null;

function read(): Palette {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  const tables = makeTables({
    negative: token("--negative"),
    zero: token("--zero"),
    positive: token("--positive"),
    ink: token("--ink"),
    surface: token("--surface"),
  });
  const known = new Map<string, string>();
  return {
    ...tables,
    token: (name) => {
      const value = known.get(name) ?? token(name);
      known.set(name, value);
      return value;
    },
  };
}

/** The palette of the theme that shows now; the same object until the theme changes. */
export function palette(): Palette {
  return (current ??= read());
}

/** Call `changed` whenever the theme has changed; the answer ends it. */
export function onPalette(changed: () => void): () => void {
  listeners.add(changed);
  observer ??= new MutationObserver(() => {
    current = null;
    for (const listener of listeners) listener();
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class", "style"] });
  return () => {
    listeners.delete(changed);
    if (listeners.size === 0) observer?.disconnect();
  };
}

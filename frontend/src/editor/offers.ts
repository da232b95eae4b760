/** What the palette offers: layers by chapter, found by what they are called and what they do. Pure. */
import type { CatalogueEntry } from "../protocol/report";

export interface Offer {
  kind: string;
  entry: CatalogueEntry;
}
export interface Chapter {
  name: string;
  offers: Offer[];
}

/** In the order in which a course meets them; others follow. */
const ORDER = ["Dense", "Convolution", "Activation", "Blocks", "Normalisation", "Regularisation", "Structure"];
/** Chosen by their own gestures, or meaningful only inside a part. */
const LAST = ["Sequence", "Memory", "Probability"];

const rank = (group: string): number => {
  if (ORDER.includes(group)) return ORDER.indexOf(group);
  return LAST.includes(group) ? 100 + LAST.indexOf(group) : 50;
};

/** How well a query fits: a name of which it is a whole word at the beginning comes first, then names that start with it, then names, then words about it. */
function fits(entry: CatalogueEntry, words: readonly string[]): number {
  const label = entry.label.toLowerCase();
  const kind = entry.kind.replaceAll("_", " ");
  const all = `${label} ${entry.kind} ${kind} ${entry.group.toLowerCase()} ${entry.summary.toLowerCase()}`;
  if (!words.every((word) => all.includes(word))) return -1;
  const [first = ""] = words;
  if (words.every((word) => label.includes(word)) && label.split(/[^\p{L}\p{N}]+/u)[0] === first) return 4;
  if (label.startsWith(first) || entry.kind.startsWith(first)) return 3;
  return words.every((word) => label.includes(word) || kind.includes(word)) ? 2 : 1;
}

export function chapters(
  layers: readonly CatalogueEntry[],
  blocks: readonly CatalogueEntry[],
  query: string,
): Chapter[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = [...layers, ...blocks]
    .map((entry) => ({ entry, kind: entry.kind, fit: fits(entry, words) }))
    .filter((one) => one.fit >= 0);
  if (words.length > 0) {
    const best = found.sort(
      (a, b) =>
        b.fit - a.fit || rank(a.entry.group) - rank(b.entry.group) || a.entry.label.length - b.entry.label.length,
    );
    return best.length > 0 ? [{ name: "Found", offers: best }] : [];
  }
  const groups = new Map<string, Offer[]>();
  for (const one of found) groups.set(one.entry.group, [...(groups.get(one.entry.group) ?? []), one]);
  return [...groups]
    .sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b))
    .map(([name, offers]) => ({ name, offers }));
}

/** What the catalogue says of settings. */
import { catalogue } from "../../stores/catalogue.svelte";
import type { Known } from "./settings";

export const known: Known = {
  find: (registry, kind) => catalogue.find(registry, kind),
  kinds: (registry) => (catalogue.entries[registry] ?? []).map(({ kind, label }) => ({ kind, label })),
};

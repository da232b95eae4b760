/** What the server can do: every kind with its label, documentation and schema. */
import { get } from "../protocol/api";
import type { Catalogue, CatalogueEntry, Preset, Registry } from "../protocol/report";

class CatalogueStore {
  entries = $state.raw<Partial<Catalogue>>({});
  presets = $state.raw<Preset[]>([]);

  async load(): Promise<void> {
    const [entries, presets] = await Promise.all([get<Catalogue>("/api/catalog"), get<Preset[]>("/api/presets")]);
    this.entries = entries;
    this.presets = presets.sort((a, b) => a.order - b.order);
  }

  find(registry: Registry, kind: string): CatalogueEntry | undefined {
    return this.entries[registry]?.find((entry) => entry.kind === kind);
  }

  /** The name for people; the kind in words while the catalogue is not there. */
  label(registry: Registry, kind: string): string {
    return this.find(registry, kind)?.label ?? kind.replaceAll("_", " ");
  }
}

export const catalogue = new CatalogueStore();

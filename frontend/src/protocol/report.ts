/** What the server can do: the catalogue and the presets. */
import type { FieldReport, PortInfo } from "./types";

/** One entry of the catalogue; the later fields belong to some registries only. */
export interface CatalogueEntry {
  kind: string;
  label: string;
  group: string;
  summary: string;
  docs: string;
  formula: string;
  schema: Record<string, unknown>;
  /** Layers: settings that can change while training. */
  live?: string[];
  /** Layers: the ports with the usual settings. */
  inputs?: PortInfo[];
  outputs?: PortInfo[];
  /** Losses: what an output is read as. */
  reading?: string;
  /** Recipes: whether a step asks an optimizer. */
  optimizes?: boolean;
  /** Data sets: where it comes from, its terms, how many examples. */
  source?: string;
  licence?: string;
  fields?: Record<string, FieldReport>;
  counts?: { train: number; test: number };
}

export type Registry =
  | "layers"
  | "datasets"
  | "losses"
  | "optimizers"
  | "recipes"
  | "probes"
  | "schedules"
  | "prepare"
  | "augment"
  | "blocks"
  | "settings";
export type Catalogue = Record<Registry, CatalogueEntry[]>;

export interface Preset {
  id: string;
  chapter: string;
  order: number;
  promise: string;
  /** Seconds on two cores until the promise can be seen. */
  insight: number;
  name: string;
}

/** A block of the palette: ordinary layers that are inserted together. */
export interface Block extends CatalogueEntry {
  fragment: {
    nodes: { id: string; kind: string; label?: string | null; config: Record<string, unknown> }[];
    edges: { source: string; target: string; source_port?: string; target_port?: string }[];
    entry: string[];
    exit: string;
  };
}

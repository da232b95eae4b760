/** What the server says about an experiment before anything is built, and what it can do. */
import type { Experiment, Problem } from "./types";

/** Answer of `POST /api/experiments/check`. */
export interface CheckReport {
  problems: Problem[];
  /** Output sizes by node and port, without the batch axis: `{conv1: {out: [8, 28, 28]}}`. */
  shapes: Record<string, Record<string, (number | string)[]>>;
  /** Trainable numbers by node. */
  parameters: Record<string, number>;
}

/** The parts of JSON Schema that settings use. */
export interface Schema {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  prefixItems?: Schema[];
  properties?: Record<string, Schema>;
  $defs?: Record<string, Schema>;
  $ref?: string;
}

/** One entry of the catalogue. */
export interface CatalogueEntry {
  kind: string;
  label: string;
  group: string;
  summary: string;
  docs: string;
  formula?: string;
  schema: Schema;
  live?: string[];
}

export type Registry = "layers" | "datasets" | "losses" | "optimizers" | "recipes" | "probes" | "schedules" | "prepare";
export type Catalogue = Record<Registry, CatalogueEntry[]>;

export interface Preset {
  id: string;
  chapter: string;
  order: number;
  promise: string;
  name: string;
  experiment?: Experiment;
}

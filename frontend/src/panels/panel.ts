/** What a panel says about itself. A folder here whose `panel.ts` exports one by default is found by itself. */
import type { Component } from "svelte";

import type { NodeReport } from "../protocol/types";
import type { DataLook } from "./data-kind";

interface Said {
  /** Tabs stand in this order; leave room between the numbers. */
  order: number;
}

/** With the page, or (`load`) only when it is first shown: what a page does not open with is better loaded then. */
type Drawn<Props extends Record<string, unknown>> =
  | { component: Component<Props>; load?: never }
  | { load: () => Promise<{ default: Component<Props> }>; component?: never };

/** A tab of the large pane on the right: about the network as a whole. */
export type OutputPanel = Said & {
  place: "output";
  label: string;
  /** Does it show anything for such data, a network of such layers, a data set of that kind, and such a recipe? */
  suits: (data: DataLook, kinds: readonly string[], source: string, recipe: string) => boolean;
} & Drawn<Record<string, never>>;

/** A tab of the inspector: about the selected layer. */
export type LayerPanel = Said & {
  place: "layer";
  label: string | ((layer: NodeReport) => string);
  /** Does it show anything of such a layer? */
  suits: (layer: NodeReport) => boolean;
} & Drawn<{ node: string }>;

export type Panel = OutputPanel | LayerPanel;

/** A panel with its folder's name, by which tabs are told apart. */
export type Named<P extends Panel> = P & { id: string };
type Module = { default: Panel };

/** From `./folder/panel.ts` → module, in the order of the tabs. */
export function named(modules: Readonly<Record<string, Module>>): Named<Panel>[] {
  return Object.entries(modules)
    .map(([path, { default: panel }]) => ({ ...panel, id: path.split("/").at(-2) ?? path }))
    .sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));
}

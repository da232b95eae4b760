import type { LayerPanel } from "../panel";

export default {
  place: "layer",
  label: "Before and after",
  order: 5,
  suits: ({ kind }) => kind === "batch_norm" || kind === "layer_norm",
  load: () => import("./Normalisation.svelte"),
} satisfies LayerPanel;

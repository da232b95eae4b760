import type { LayerPanel } from "../panel";

export default {
  place: "layer",
  label: "Weights",
  order: 30,
  suits: ({ parameters }) => parameters > 0,
  load: () => import("./Weights.svelte"),
} satisfies LayerPanel;

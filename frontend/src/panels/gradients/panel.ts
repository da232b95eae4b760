import type { LayerPanel } from "../panel";

export default {
  place: "layer",
  label: "Gradients",
  order: 40,
  suits: ({ parameters }) => parameters > 0,
  load: () => import("./Gradients.svelte"),
} satisfies LayerPanel;

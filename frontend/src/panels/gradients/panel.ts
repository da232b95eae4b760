import type { LayerPanel } from "../panel";
import Gradients from "./Gradients.svelte";

export default {
  place: "layer",
  label: "Gradients",
  order: 40,
  suits: ({ parameters }) => parameters > 0,
  component: Gradients,
} satisfies LayerPanel;

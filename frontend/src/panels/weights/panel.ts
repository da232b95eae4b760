import type { LayerPanel } from "../panel";
import Weights from "./Weights.svelte";

export default {
  place: "layer",
  label: "Weights",
  order: 30,
  suits: ({ parameters }) => parameters > 0,
  component: Weights,
} satisfies LayerPanel;

import type { LayerPanel } from "../panel";
import Filters from "./Filters.svelte";

export default {
  place: "layer",
  label: "Filters",
  order: 10,
  suits: ({ taps }) =>
    taps.some((tap) => tap.picture === "filters" || (tap.name === "weight" && tap.picture === "matrix")),
  component: Filters,
} satisfies LayerPanel;

import type { LayerPanel } from "../panel";

export default {
  place: "layer",
  label: "Roads",
  order: 5,
  suits: ({ kind }) => kind === "add",
  load: () => import("./Road.svelte"),
} satisfies LayerPanel;

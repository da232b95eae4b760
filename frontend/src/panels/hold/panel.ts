import type { LayerPanel } from "../panel";

export default {
  place: "layer",
  label: "Hold",
  order: 60,
  suits: ({ kind, outputs }) => kind !== "input" && Object.keys(outputs).length > 0,
  load: () => import("./Hold.svelte"),
} satisfies LayerPanel;

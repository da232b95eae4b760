import type { LayerPanel } from "../panel";
import Hold from "./Hold.svelte";

export default {
  place: "layer",
  label: "Hold",
  order: 60,
  suits: ({ kind, outputs }) => kind !== "input" && Object.keys(outputs).length > 0,
  component: Hold,
} satisfies LayerPanel;

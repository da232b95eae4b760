import type { LayerPanel } from "../panel";
import Maps from "./Maps.svelte";

export default {
  place: "layer",
  label: ({ outputs }) => (Object.values(outputs)[0]?.text.includes("×") ? "Maps" : "Outputs"),
  order: 20,
  suits: ({ outputs }) => Object.keys(outputs).length > 0,
  component: Maps,
} satisfies LayerPanel;

import type { LayerPanel } from "../panel";

export default {
  place: "layer",
  label: "Patches",
  order: 25,
  suits: ({ kind, outputs }) => kind !== "input" && Object.values(outputs)[0]?.axes.length === 3,
  load: () => import("./Patches.svelte"),
} satisfies LayerPanel;

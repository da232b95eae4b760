import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Shared weights",
  order: 45,
  suits: (_data, kinds) => kinds.includes("conv1d"),
  load: () => import("./SharedWeights.svelte"),
} satisfies OutputPanel;

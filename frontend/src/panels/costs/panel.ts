import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Parameters",
  order: 56,
  suits: (_data, kinds) => kinds.length > 0,
  load: () => import("./Costs.svelte"),
} satisfies OutputPanel;

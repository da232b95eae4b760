import type { OutputPanel } from "../panel";

/** Layers whose weights can be taken out one by one. */
const WEIGHTED = ["linear", "conv2d", "embedding", "gru_cell"];

export default {
  place: "output",
  label: "Pruning",
  order: 80,
  suits: (_data, kinds) => kinds.some((kind) => WEIGHTED.includes(kind)),
  load: () => import("./Pruning.svelte"),
} satisfies OutputPanel;

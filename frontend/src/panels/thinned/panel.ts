import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Thinned network",
  order: 36,
  suits: (_data, kinds) => kinds.includes("dropout") && kinds.includes("linear") && !kinds.includes("conv2d"),
  load: () => import("./Thinned.svelte"),
} satisfies OutputPanel;

import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Loss landscape",
  order: 60,
  suits: () => true,
  load: () => import("./LossLandscape.svelte"),
} satisfies OutputPanel;

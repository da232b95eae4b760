import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Loss landscape",
  order: 60,
  suits: (_data, _kinds, _source, recipe) => recipe === "supervised",
  load: () => import("./LossLandscape.svelte"),
} satisfies OutputPanel;

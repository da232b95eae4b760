import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "What it looks at",
  order: 70,
  suits: (data, _kinds, _source, recipe) => recipe === "supervised" && data.classes && data.kind === "images",
  load: () => import("./Saliency.svelte"),
} satisfies OutputPanel;

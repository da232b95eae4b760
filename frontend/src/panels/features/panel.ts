import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "What the layers know",
  order: 71,
  suits: (data, _kinds, _source, recipe) => recipe === "supervised" && data.classes && data.kind === "images",
  load: () => import("./Features.svelte"),
} satisfies OutputPanel;

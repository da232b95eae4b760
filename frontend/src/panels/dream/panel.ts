import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Dream",
  order: 72,
  suits: (data, _kinds, _source, recipe) => recipe === "supervised" && data.classes && data.kind === "images",
  load: () => import("./Dream.svelte"),
} satisfies OutputPanel;

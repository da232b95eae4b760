import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Baselines",
  order: 70,
  suits: (data, _kinds, _source, recipe) => recipe === "supervised" && (data.classes || data.numbers),
  load: () => import("./Baselines.svelte"),
} satisfies OutputPanel;

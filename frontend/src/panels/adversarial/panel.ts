import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Adversarial",
  order: 75,
  suits: (data, _kinds, _source, recipe) => recipe === "supervised" && data.classes && data.kind !== "other",
  load: () => import("./Adversarial.svelte"),
} satisfies OutputPanel;

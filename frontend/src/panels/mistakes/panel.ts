import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Mistakes",
  order: 8,
  suits: (_data, _kinds, _source, recipe) => recipe === "perceptron",
  load: () => import("./Mistakes.svelte"),
} satisfies OutputPanel;

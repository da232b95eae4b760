import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Loss",
  order: 52,
  suits: (data, kinds, _source, recipe) =>
    recipe === "supervised" && (data.classes || data.numbers) && !kinds.includes("offset"),
  load: () => import("./Loss.svelte"),
} satisfies OutputPanel;

import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Roads",
  order: 55,
  suits: (_data, kinds, _source, recipe) => recipe !== "race" && kinds.includes("add"),
  load: () => import("./Roads.svelte"),
} satisfies OutputPanel;

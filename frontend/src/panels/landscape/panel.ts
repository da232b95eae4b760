import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Landscape",
  order: 5,
  suits: (_data, kinds, _source, recipe) => recipe === "race" && kinds.includes("offset"),
  load: () => import("./Landscape.svelte"),
} satisfies OutputPanel;

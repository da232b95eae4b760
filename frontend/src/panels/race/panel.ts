import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Race",
  order: 6,
  suits: (_data, _kinds, _source, recipe) => recipe === "race",
  load: () => import("./Race.svelte"),
} satisfies OutputPanel;

import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Truth table",
  order: 15,
  suits: (_data, _kinds, source) => source === "truth_table",
  load: () => import("./TruthTable.svelte"),
} satisfies OutputPanel;

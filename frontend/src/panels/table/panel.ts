import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Predicted and true",
  order: 40,
  suits: (data) => data.numbers,
  load: () => import("./Scatter.svelte"),
} satisfies OutputPanel;

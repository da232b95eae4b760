import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Function",
  order: 10,
  suits: (data) => data.kind === "line" && data.numbers,
  load: () => import("./Line.svelte"),
} satisfies OutputPanel;

import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Fed",
  order: 34,
  suits: (data) => data.kind === "images",
  load: () => import("./Fed.svelte"),
} satisfies OutputPanel;

import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Confusion",
  order: 30,
  suits: (data) => data.classes,
  load: () => import("./Confusion.svelte"),
} satisfies OutputPanel;

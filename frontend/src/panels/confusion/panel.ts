import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Confusion",
  order: 30,
  suits: (data) => !data.numbers,
  load: () => import("./Confusion.svelte"),
} satisfies OutputPanel;

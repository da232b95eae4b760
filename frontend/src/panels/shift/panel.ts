import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Shift",
  order: 46,
  suits: (data) => data.kind === "images",
  load: () => import("./Shift.svelte"),
} satisfies OutputPanel;

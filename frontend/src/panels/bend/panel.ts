import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Bending",
  order: 20,
  suits: (data) => data.kind === "plane",
  load: () => import("./Bend.svelte"),
} satisfies OutputPanel;

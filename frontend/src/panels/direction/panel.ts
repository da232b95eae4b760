import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Direction",
  order: 12,
  suits: (_data, _kinds, source) => source === "tilted_cloud",
  load: () => import("./Direction.svelte"),
} satisfies OutputPanel;

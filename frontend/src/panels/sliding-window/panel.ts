import type { OutputPanel } from "../panel";
import { SLIDING } from "../shifting";

export default {
  place: "output",
  label: "Sliding window",
  order: 44,
  suits: (_data, kinds) => kinds.some((kind) => SLIDING.has(kind)),
  load: () => import("./SlidingWindow.svelte"),
} satisfies OutputPanel;

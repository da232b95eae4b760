import type { OutputPanel } from "../panel";
import { isDense } from "./dense";

export default {
  place: "output",
  label: "Back-propagation",
  order: 50,
  suits: (_, kinds) => isDense(kinds),
  load: () => import("./BackPropagation.svelte"),
} satisfies OutputPanel;

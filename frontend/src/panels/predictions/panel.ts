import type { OutputPanel } from "../panel";
import Predictions from "./Predictions.svelte";

export default {
  place: "output",
  label: "Predictions",
  order: 20,
  suits: (data, kinds) => data.kind !== "plane" && !data.numbers && !kinds.includes("offset"),
  component: Predictions,
} satisfies OutputPanel;

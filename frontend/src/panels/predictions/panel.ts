import type { OutputPanel } from "../panel";
import Predictions from "./Predictions.svelte";

export default {
  place: "output",
  label: "Predictions",
  order: 20,
  suits: (data) => data.kind !== "plane" && !data.numbers,
  component: Predictions,
} satisfies OutputPanel;

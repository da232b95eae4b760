import type { OutputPanel } from "../panel";
import Scatter from "./Scatter.svelte";

export default {
  place: "output",
  label: "Predicted and true",
  order: 40,
  suits: (data) => data.numbers,
  component: Scatter,
} satisfies OutputPanel;

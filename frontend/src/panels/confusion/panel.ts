import type { OutputPanel } from "../panel";
import Confusion from "./Confusion.svelte";

export default {
  place: "output",
  label: "Confusion",
  order: 30,
  suits: (data) => !data.numbers,
  component: Confusion,
} satisfies OutputPanel;

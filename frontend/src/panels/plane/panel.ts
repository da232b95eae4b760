import type { OutputPanel } from "../panel";
import LatePlane from "./LatePlane.svelte";

export default {
  place: "output",
  label: "Plane",
  order: 10,
  suits: (data) => data.kind === "plane",
  component: LatePlane,
} satisfies OutputPanel;

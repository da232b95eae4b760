import type { OutputPanel } from "../panel";
import Plane from "./Plane.svelte";

export default {
  place: "output",
  label: "Plane",
  order: 10,
  suits: (data) => data.kind === "plane",
  component: Plane,
} satisfies OutputPanel;

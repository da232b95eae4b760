import type { OutputPanel } from "../panel";

export default {
  place: "output",
  label: "Layers",
  order: 54,
  suits: (_data, kinds, _source, recipe) =>
    recipe !== "race" && kinds.some((kind) => kind === "linear" || kind === "conv2d" || kind === "maxout"),
  load: () => import("./Layers.svelte"),
} satisfies OutputPanel;

import type { OutputPanel } from "../panel";

const LINEAR = new Set(["input", "features", "flatten", "identity", "linear"]);

export default {
  place: "output",
  label: "One matrix",
  order: 14,
  suits: (_data, kinds) =>
    kinds.filter((kind) => kind === "linear").length > 1 && kinds.every((kind) => LINEAR.has(kind)),
  load: () => import("./OneMatrix.svelte"),
} satisfies OutputPanel;

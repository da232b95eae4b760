import type { LayerPanel } from "../panel";

const KINDS =
  "relu leaky_relu prelu rrelu elu gelu silu softplus step sigmoid tanh identity maxout linear conv2d batch_norm layer_norm".split(
    " ",
  );

export default {
  place: "layer",
  label: "Activation",
  order: 25,
  suits: ({ kind }) => KINDS.includes(kind),
  load: () => import("./Activation.svelte"),
} satisfies LayerPanel;

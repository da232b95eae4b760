/** Which networks can be gone through by hand. Pure; apart, because every page asks. */
const FIRST = ["input", "features", "flatten", "identity"];
const CURVES = "relu leaky_relu rrelu tanh sigmoid silu softplus elu gelu step prelu dropout".split(" ");
const DENSE = new Set([...FIRST, ...CURVES, "linear", "add", "multiply", "concatenate"]);

/** Can the walk be shown for a network of such layers? */
export const isDense = (kinds: readonly string[]): boolean =>
  kinds.includes("linear") && kinds.every((kind) => DENSE.has(kind));

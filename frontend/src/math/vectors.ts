/** Small vectors of numbers: what a network says, made readable. */

/** exp(x) / Σ exp(x), shifted by the largest so that nothing overflows. */
export function softmax(values: readonly number[]): number[] {
  const largest = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** Index of the first largest; −1 for none. */
export function argmax(values: ArrayLike<number>): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) if (best < 0 || (values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}

/** Activation functions that take one number, by kind of layer, as PyTorch defines them. */
export const ACTIVATIONS: Record<string, (x: number, config: Record<string, unknown>) => number> = {
  identity: (x) => x,
  relu: (x) => Math.max(0, x),
  leaky_relu: (x, config) => {
    const a = typeof config["negative_slope"] === "number" ? config["negative_slope"] : 0.01;
    return x >= 0 ? x : config["form"] === "textbook" ? x / a : x * a;
  },
  tanh: Math.tanh,
  step: (x, config) => (x > (typeof config["threshold"] === "number" ? config["threshold"] : 0) ? 1 : 0),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  gelu: (x, config) => (config["approximate"] === "tanh" ? geluTanh(x) : 0.5 * x * (1 + erf(x / Math.SQRT2))),
};

const geluTanh = (x: number): number => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** Error function, absolute error below 1.5·10⁻⁷ (Abramowitz and Stegun 7.1.26). */
export function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - tail * Math.exp(-x * x));
}

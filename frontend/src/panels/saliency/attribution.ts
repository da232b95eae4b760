/** What speaks for a class, from frames of the probe `saliency`. Pure. */
import { numberIn, numbersIn, textIn, textsIn, type Extra } from "../../math/extra";
import { number, percent, plural, withSign } from "../../math/format";

export const METHODS = ["gradient", "gradient_input", "integrated", "smooth", "grad_cam", "occlusion"] as const;
export type Method = (typeof METHODS)[number];

export const NAMES: Record<Method, string> = {
  gradient: "Gradient",
  gradient_input: "Gradient × input",
  integrated: "Integrated gradients",
  smooth: "SmoothGrad",
  grad_cam: "Grad-CAM",
  occlusion: "Occlusion",
};

export interface Settings {
  /** `said`, `truth`, or a class by its number. */
  target: string;
  baseline: string;
  /** 0: as many as it takes. */
  steps: number;
  noise: number;
  samples: number;
  /** Empty: the last convolution. */
  layer: string;
  window: number;
  stride: number;
}

/** What a method is asked with: only what it reads, so that another one's slider does not disturb it. */
export function optionsOf(method: Method, settings: Settings): Record<string, unknown> {
  const { target, baseline, steps, noise, samples, layer, window, stride } = settings;
  const named = target === "said" || target === "truth";
  const own: Record<Method, Record<string, unknown>> = {
    gradient: {},
    gradient_input: {},
    integrated: { baseline, steps },
    smooth: { noise, samples },
    grad_cam: layer ? { layer } : {},
    occlusion: { baseline, window, stride },
  };
  return { method, ...(named ? { target } : { index: Number(target) }), ...own[method] };
}

export interface Attribution {
  method: Method;
  /** Names. */
  of: string;
  said: string;
  truth: string | null;
  score: number;
  gain: number;
  total: number;
  unit: string;
  steps: number;
  layer: string;
  coarse: number[];
}

export function readAttribution(extra: Extra): Attribution {
  const classes = textsIn(extra, "classes");
  const name = (key: string): string => classes[numberIn(extra, key, -1)] ?? String(numberIn(extra, key, 0));
  return {
    method: METHODS.find((method) => method === textIn(extra, "method")) ?? "gradient",
    of: name("class"),
    said: name("said"),
    truth: typeof extra["truth"] === "number" ? name("truth") : null,
    score: numberIn(extra, "score"),
    gain: numberIn(extra, "gain"),
    total: numberIn(extra, "total"),
    unit: textIn(extra, "unit"),
    steps: numberIn(extra, "steps", 0),
    layer: textIn(extra, "layer"),
    coarse: numbersIn(extra, "coarse"),
  };
}

/** Share of the gain that the sum misses or has too much. */
export const missing = ({ total, gain }: Pick<Attribution, "total" | "gain">): number =>
  gain === 0 ? (total === 0 ? 0 : Infinity) : Math.abs(total - gain) / Math.abs(gain);

/** What a picture says beside its colours. */
export function noteOf(one: Attribution, nameOf: (layer: string) => string): string {
  switch (one.method) {
    case "integrated":
      return `Sum ${withSign(one.total)} of ${withSign(one.gain)}: ${percent(missing(one))} off, in ${plural(one.steps, "step")}`;
    case "grad_cam":
      return `${nameOf(one.layer)}, maps of ${one.coarse.join("×")}`;
    case "gradient":
      return "How the score follows each pixel";
    case "gradient_input":
      return `Times its brightness; sum ${withSign(one.total)}`;
    case "smooth":
      return "Mean over noisy copies";
    case "occlusion":
      return "What covering it costs";
  }
}

/** `says 4 (score +7.21); it is 9`. */
export function heading(one: Attribution): string {
  const says = one.said === one.of ? `The network says ${one.said}` : `What speaks for ${one.of}; it says ${one.said}`;
  const truth = one.truth !== null && one.truth !== one.said ? `; it is ${one.truth}` : "";
  return `${says}${truth}. Score of ${one.of}: ${number(one.score)}.`;
}

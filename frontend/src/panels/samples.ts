/** What the network says of several examples, as captions. Pure. */
import { numbersIn, textsIn, type Extra } from "../math/extra";
import { percent } from "../math/format";

export interface ReadSample {
  name: string;
  caption?: string;
  wrong: boolean;
}

/** Captions of the `samples` probe: what the network says under each picture, and whether it is wrong. */
export function readSamples(extra: Extra): ReadSample[] {
  const classes = textsIn(extra, "classes");
  const labels = numbersIn(extra, "labels");
  const predicted = numbersIn(extra, "predicted");
  const confidence = numbersIn(extra, "confidence");
  const name = (index: number): string => classes[index] ?? String(index);
  return numbersIn(extra, "indices").map((index, i) => {
    const [truth = NaN, said = NaN] = [labels[i], predicted[i]];
    const wrong = Number.isFinite(truth) && Number.isFinite(said) && truth !== said;
    const parts = [`image ${index}`];
    if (Number.isFinite(truth)) parts.push(`is ${name(truth)}`);
    if (Number.isFinite(said))
      parts.push(`the network says ${name(said)} (${percent(confidence[i] ?? NaN, 0)})${wrong ? ", wrong" : ""}`);
    return Number.isFinite(said)
      ? { name: parts.join(", "), caption: name(said), wrong }
      : { name: parts.join(", "), wrong };
  });
}

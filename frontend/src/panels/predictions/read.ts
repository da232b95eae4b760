/** What a prediction says, as bars and captions. Pure. */
import { numbersIn, textsIn, type Extra } from "../../math/extra";
import { percent } from "../../math/format";
import { argmax } from "../../math/vectors";

export interface PredictionBar {
  label: string;
  value: number;
  text: string;
  winner: boolean;
  truth: boolean;
}

export function readBars(
  values: number[],
  classes: string[],
  truth: number | null,
  text: (value: number) => string,
): PredictionBar[] {
  const winner = argmax(values);
  return values.map((value, i) => ({
    label: classes[i] ?? String(i),
    value,
    text: text(value),
    winner: i === winner,
    truth: i === truth,
  }));
}

/** Empty bars that keep the place until the network has spoken. */
export function waitingBars(count: number): PredictionBar[] {
  const bar = { value: 0, text: "–", winner: false, truth: false };
  return Array.from({ length: count }, (_, i) => ({ ...bar, label: String(i) }));
}

/** `says 5`, `says 9, is 4`. */
export function verdict(said: string, truth: string | null): string {
  return truth === null || truth === said ? `says ${said}` : `says ${said}, is ${truth}`;
}

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

/** What a prediction says, as bars and captions. Pure. */
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

/** The curves: plain arrays outside reactive state, and a way to hear that they grew. */
import type { Mark, Series } from "../protocol/types";

export interface Curve {
  steps: number[];
  values: number[];
}

type Listener = () => void;

class Metrics {
  readonly curves = new Map<string, Curve>();
  marks: Mark[] = [];
  private readonly listeners = new Set<Listener>();

  /** Calls back after every change; returns the function that stops it. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The newest value of a series, e.g. `test.accuracy`. */
  last(name: string): number | undefined {
    return this.curves.get(name)?.values.at(-1);
  }

  replace(series: Record<string, Series>, marks: Mark[]): void {
    this.curves.clear();
    for (const [name, { steps, values }] of Object.entries(series)) {
      this.curves.set(name, { steps: [...steps], values: [...values] });
    }
    this.marks = [...marks];
    this.changed();
  }

  append(series: Record<string, Series>): void {
    for (const [name, { steps, values }] of Object.entries(series)) {
      const curve = this.curves.get(name) ?? { steps: [], values: [] };
      this.curves.set(name, curve);
      for (const [i, step] of steps.entries()) {
        // Steps of one curve ascend; a restored run may repeat the ones since its last checkpoint.
        while (curve.steps.length > 0 && (curve.steps.at(-1) ?? -1) >= step) {
          curve.steps.pop();
          curve.values.pop();
        }
        curve.steps.push(step);
        curve.values.push(values[i] ?? NaN);
      }
    }
    this.changed();
  }

  mark(mark: Mark): void {
    this.marks = [...this.marks, mark];
    this.changed();
  }

  clear(): void {
    this.curves.clear();
    this.marks = [];
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}

export const metrics = new Metrics();

/** The curves: plain arrays outside reactive state, and a way to hear that they grew. */
import type { Mark, Series } from "../protocol/types";

export interface Curve {
  steps: number[];
  values: number[];
}

type Listener = () => void;

/** A curve longer than this is thinned: its older half to pairwise means. More points than any screen has pixels. */
export const MOST_POINTS = 16384;

function thin(curve: Curve): void {
  const half = curve.steps.length >> 1;
  const steps: number[] = [];
  const values: number[] = [];
  for (let i = 0; i + 1 < half; i += 2) {
    steps.push(curve.steps[i + 1] ?? 0);
    values.push(((curve.values[i] ?? NaN) + (curve.values[i + 1] ?? NaN)) / 2);
  }
  const rest = half - (half % 2);
  curve.steps = steps.concat(curve.steps.slice(rest));
  curve.values = values.concat(curve.values.slice(rest));
}

/** Milliseconds between two drawings of whole curves. */
const REDRAW_AFTER = 100;

export class Metrics {
  readonly curves = new Map<string, Curve>();
  marks: Mark[] = [];
  private readonly listeners = new Set<Listener>();

  /** Calls back after every change; returns the function that stops it. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The same, some time after a change and not more often: for what draws whole curves. */
  subscribeCalmly(listener: Listener): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = this.subscribe(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        listener();
      }, REDRAW_AFTER);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }

  /** The newest value of a series, e.g. `test.accuracy`. */
  last(name: string): number | undefined {
    return this.curves.get(name)?.values.at(-1);
  }

  /** The newest values; NaN where a curve is no longer measured, as of an accuracy after a change to a regression. */
  newest(): Record<string, number> {
    const evaluated = this.curves.get("test.loss")?.steps.at(-1) ?? -Infinity;
    const old = (name: string, { steps }: Curve): boolean =>
      name.startsWith("test.") && (steps.at(-1) ?? -Infinity) < evaluated;
    return Object.fromEntries(
      [...this.curves].map(([name, curve]) => [name, old(name, curve) ? NaN : (curve.values.at(-1) ?? NaN)]),
    );
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
      if (curve.steps.length > MOST_POINTS) thin(curve);
    }
    this.changed();
  }

  mark(mark: Mark): void {
    // A slider that is dragged while the run is paused makes one mark, as on the server.
    const last = this.marks.at(-1);
    const again = mark.kind === "set" && last?.path === mark.path && last?.step === mark.step;
    this.marks = [...(again ? this.marks.slice(0, -1) : this.marks), mark];
    this.changed();
  }

  /** The run stands at `step` again: what came later is void (0: everything). `before`: so are changes made there. */
  cut(step: number, before = false): void {
    for (const [name, curve] of this.curves) {
      const kept = step === 0 ? 0 : curve.steps.filter((at) => at <= step).length;
      if (kept === 0) this.curves.delete(name);
      else this.curves.set(name, { steps: curve.steps.slice(0, kept), values: curve.values.slice(0, kept) });
    }
    const holds = ({ step: at, kind }: Mark): boolean =>
      at < step || (at === step && !(before && (kind === "set" || kind === "edit")));
    this.marks = step === 0 ? [] : this.marks.filter(holds);
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}

export const metrics = new Metrics();

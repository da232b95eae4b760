/** A sweep as it is going on: asked for, told line by line, stopped. It outlives its window. */
import { ApiError, lines } from "../../protocol/api";
import type { Experiment, Planned, SweepBaseline, SweepBegun, SweepEnded, SweepNews } from "../../protocol/types";
import { after, type Network, planned } from "./gathered";
import type { SweepValue } from "./settings";

export interface Wanted {
  vary: { path: string; values: SweepValue[] }[];
  seeds: number;
  steps: number;
  /** Whether classical models are fitted to the same data. */
  baselines?: boolean;
}

type SweepLine = SweepBegun | SweepNews | SweepBaseline | SweepEnded;

class Sweeping {
  networks = $state.raw<Network[]>([]);
  labels = $state.raw<string[]>([]);
  /** Classical models on the same data, as they are fitted. */
  fitted = $state.raw<SweepBaseline[]>([]);
  share = $state(0);
  speed = $state(0);
  /** Which steppers train them. */
  how = $state("");
  running = $state(false);
  /** What went wrong, in words, and at which field. */
  problem = $state.raw<{ message: string; field: string | null } | null>(null);
  /** What it is a sweep of, and of which run. */
  of = $state.raw<Experiment | null>(null);
  run = $state<string | null>(null);
  private plans: Planned[] = [];
  private stopping: AbortController | null = null;

  async start(run: string, experiment: Experiment, wanted: Wanted): Promise<void> {
    this.stop();
    this.run = run;
    const stopping = new AbortController();
    this.stopping = stopping;
    this.running = true;
    this.problem = null;
    this.share = 0;
    this.speed = 0;
    try {
      for await (const line of lines("/api/sweeps", { experiment, ...wanted }, stopping.signal)) {
        if (this.stopping === stopping) this.take(line as SweepLine, experiment);
      }
    } catch (error) {
      if (this.stopping !== stopping) return;
      if (!(error instanceof ApiError)) throw error;
      this.problem = { message: error.message, field: error.field };
    }
    if (this.stopping === stopping) this.running = false;
  }

  /** What has been found so far stays. */
  stop(): void {
    this.stopping?.abort();
    this.stopping = null;
    this.running = false;
  }

  /** One network of it as an experiment of its own. */
  experimentOf(network: Network): Experiment | null {
    const plan = this.plans[network.index];
    return this.of && plan ? ({ ...this.of, ...plan.sections, seed: plan.seed } as Experiment) : null;
  }

  private take(line: SweepLine, experiment: Experiment): void {
    if (line.type === "begun") {
      this.plans = line.networks;
      this.networks = planned(line.networks);
      this.labels = line.labels;
      this.fitted = [];
      this.of = experiment;
    } else if (line.type === "news") {
      this.networks = after(this.networks, line.networks);
      this.share = line.share;
      this.speed = line.speed;
      this.how = line.how;
    } else if (line.type === "baseline") {
      this.fitted = [...this.fitted, line];
    } else if (line.message !== null) {
      this.problem = { message: line.message, field: null };
    }
  }
}

export const sweeping = new Sweeping();

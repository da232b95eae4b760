/** What a check finds in a network: shapes and parameter counts, asked for once for each version of it. */
import { ApiError, checkExperiment } from "../protocol/api";
import type { CheckReport, Experiment } from "../protocol/types";

export class Checks {
  private asked = "";

  /** The next one is asked for whatever was asked before. */
  forget(): void {
    this.asked = "";
  }

  /** `found` is told, unless a newer version was asked about meanwhile. */
  async of(experiment: Experiment, found: (report: CheckReport) => void): Promise<void> {
    const { network, data, recipe } = experiment;
    const { kind, config, split, batch_size, by_hand } = data;
    const key = JSON.stringify([network, kind, config, split, batch_size, by_hand, recipe]);
    if (key === this.asked) return;
    this.asked = key;
    try {
      const report = await checkExperiment(experiment);
      if (this.asked === key) found(report);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (this.asked === key) this.asked = "";
    }
  }
}

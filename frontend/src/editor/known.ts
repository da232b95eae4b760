/** What was last known of layers: while one does not fit, what comes after it keeps its shapes, told as of before. */
import type { Node, NodeReport } from "../protocol/types";

export interface Told {
  report: NodeReport | undefined;
  /** It is of an earlier check: now something before the layer does not fit, or the layer itself. */
  stale: boolean;
}

const says = (report: NodeReport): boolean => Object.keys(report.outputs).length > 0;

export class Known {
  private last = new Map<string, { kind: string; report: NodeReport }>();
  private now = new Map<string, Told>();

  /** Takes the answer of a check for the layers that there are; those that are gone are forgotten. */
  learn(nodes: readonly Node[], reportOf: (id: string) => NodeReport | undefined): void {
    const last = new Map<string, { kind: string; report: NodeReport }>();
    this.now = new Map();
    for (const { id, kind } of nodes) {
      const report = reportOf(id);
      const before = this.last.get(id);
      const kept = report && says(report) ? { kind, report } : before?.kind === kind ? before : undefined;
      if (kept) last.set(id, kept);
      const stale = kept !== undefined && kept.report !== report;
      this.now.set(id, { report: stale ? kept.report : report, stale });
    }
    this.last = last;
  }

  of(id: string): Told {
    return this.now.get(id) ?? { report: undefined, stale: false };
  }
}

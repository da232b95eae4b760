/** Where a network's parameters sit and where its work is done, from the check's report. Pure. */
import { percent } from "../../math/format";
import type { CheckReport, NodeReport } from "../../protocol/types";

export interface Cost {
  node: string;
  kind: string;
  parameters: number;
  /** Multiply-adds for one example, forward. */
  work: number;
}

export interface Costs {
  rows: readonly Cost[];
  /** Of all rows together. */
  parameters: number;
  work: number;
  /** Layers that stand nowhere because they neither own parameters nor multiply. */
  free: number;
}

type Quantity = "parameters" | "work";

/** In the order in which the network computes; layers of parts that are called elsewhere come after the rest. */
export function costsOf(report: Pick<CheckReport, "nodes" | "order"> | null): Costs {
  const nodes = new Map((report?.nodes ?? []).map((node) => [node.id, node]));
  const first = (report?.order ?? []).flatMap((id) => nodes.get(id) ?? []);
  const seen = new Set(first);
  const all = [...first, ...[...nodes.values()].filter((node) => !seen.has(node))];
  const rows = all.map(costOf).filter(({ parameters, work }) => parameters > 0 || work > 0);
  return { rows, parameters: sum(rows, "parameters"), work: sum(rows, "work"), free: all.length - rows.length };
}

const costOf = ({ id, kind, parameters, multiply_adds }: NodeReport): Cost => ({
  node: id,
  kind,
  parameters,
  work: multiply_adds,
});

const sum = (rows: readonly Cost[], what: Quantity): number => rows.reduce((total, row) => total + row[what], 0);

/** The row with most of it; undefined where nobody has any. */
export function most(rows: readonly Cost[], what: Quantity): Cost | undefined {
  const best = rows.reduce<Cost | undefined>((top, row) => (row[what] > (top?.[what] ?? 0) ? row : top), undefined);
  return best;
}

/** Sorts of layers, as people speak of them. */
const FAMILIES: Readonly<Record<string, string>> = {
  linear: "the dense layers",
  maxout: "the dense layers",
  conv2d: "the convolutions",
  embedding: "the embeddings",
  gru_cell: "the recurrent layers",
};

/** Which sort of layer has most of it, and its share: `["the dense layers", 0.93]`. */
export function family(rows: readonly Cost[], what: Quantity): [string, number] | null {
  const totals = new Map<string, number>();
  for (const row of rows) {
    const name = FAMILIES[row.kind] ?? "the other layers";
    totals.set(name, (totals.get(name) ?? 0) + row[what]);
  }
  const [best] = [...totals].sort((a, b) => b[1] - a[1]);
  return best && best[1] > 0 ? [best[0], best[1] / sum(rows, what)] : null;
}

/** What the bars come to, in a sentence or two; empty for a network without any costs. */
export function said({ rows }: Costs): string {
  const [owners, workers] = [family(rows, "parameters"), family(rows, "work")];
  if (!owners || !workers) return owners ? `All parameters are in ${owners[0]}.` : "";
  const [owner, owned] = owners;
  const [worker, worked] = workers;
  if (owner !== worker)
    return `Most parameters sit in ${owner} (${percent(owned, 0)}), most work is done in ${worker} (${percent(worked, 0)}).`;
  return `${capital(owner)} hold ${percent(owned, 0)} of the parameters and do ${percent(worked, 0)} of the work.`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

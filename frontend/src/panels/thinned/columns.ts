/** A chain of dense layers with dropout as columns of units. Pure. */
import type { Experiment, Node } from "../../protocol/types";

export interface Column {
  /** The dense layer that computes it; null for what comes in. */
  node: string | null;
  title: string;
  units: number;
  /** The dropout that thins it; null for none. */
  dropout: Node | null;
}

export interface Spot {
  x: number;
  y: number;
}

/** So many units of a column are drawn. */
export const MOST = 40;

/** null where the network is no chain of dense layers. `sizeOf`: numbers that leave a node. */
export function columnsOf(experiment: Experiment | undefined, sizeOf: (node: string) => number): Column[] | null {
  const { nodes = [], edges = [] } = experiment?.network ?? {};
  const next = new Map(edges.map(({ source, target }) => [source, target]));
  if (next.size !== edges.length || edges.length !== nodes.length - 1) return null;
  let node = nodes.find(({ id }) => !edges.some(({ target }) => target === id));
  const columns: Column[] = [];
  while (node) {
    const { id, kind, label } = node;
    const last = columns.at(-1);
    if (kind === "linear") {
      columns.push({ node: id, title: label ?? id, units: sizeOf(id), dropout: null });
    } else if (!last || last.node === null) {
      columns[0] = { node: null, title: "Inputs", units: sizeOf(id), dropout: kind === "dropout" ? node : null };
    } else if (kind === "dropout") last.dropout = node;
    const follower: string | undefined = next.get(id);
    node = nodes.find((one) => one.id === follower);
  }
  return columns.length > 1 && columns.every(({ units }) => units > 0) ? columns : null;
}

/** Where each unit that is drawn stands, column by column. */
export function spotsOf(columns: readonly Column[], width: number, height: number): Spot[][] {
  const across = (width - 40) / Math.max(1, columns.length - 1);
  return columns.map(({ units }, i) => {
    const shown = Math.min(MOST, units);
    const apart = Math.min(26, (height - 20) / Math.max(1, shown));
    const top = height / 2 - (apart * (shown - 1)) / 2;
    return Array.from({ length: shown }, (_, k) => ({ x: 20 + i * across, y: top + k * apart }));
  });
}

type Form = "pytorch" | "textbook" | "forgotten";
export const formOf = (dropout: Node): Form => (dropout.config["form"] as Form | undefined) ?? "pytorch";
export const shareOf = (dropout: Node): number => Number(dropout.config["p"] ?? 0.5);

/** What the outputs of a thinned layer are multiplied with: while training those that are kept, in use all of them. */
export function scaling(dropout: Node, use: boolean): number {
  const kept = 1 - shareOf(dropout);
  if (formOf(dropout) === "pytorch") return use ? 1 : 1 / kept;
  return formOf(dropout) === "textbook" && use ? kept : 1;
}

/** What the person points at; every panel shows the same thing. */
export interface Unit {
  node: string;
  channel: number;
}

export interface Cell extends Unit {
  row: number;
  column: number;
}

class Selection {
  /** The selected node of the network; of several, the one that was chosen last. */
  node = $state<string | null>(null);
  /** Every selected node. */
  nodes = $state.raw<readonly string[]>([]);
  /** The selected connection, by the id that the editor gives it. */
  edge = $state<string | null>(null);
  /** The example behind every picture: `test:5`, `train:3`, or `mine` for one's own drawing. */
  source = $state("test:0");
  /** One channel or unit of a node, e.g. a filter. */
  unit = $state.raw<Unit | null>(null);
  /** The unit under the pointer: its function over the plane takes the large picture. Names the node that is shown. */
  hoverUnit = $state.raw<Unit | null>(null);
  /** The data point under the pointer, `train:5`: its path through the network lights up. */
  hoverSource = $state<string | null>(null);
  /** Does the path of `source` stay lit? */
  lit = $state(false);
  /** One number of a node's output; opens the drawer "one number, in full". */
  cell = $state.raw<Cell | null>(null);
  /** The class under the pointer, by index. */
  hoverClass = $state<number | null>(null);

  /** Selects a node; a unit or number of another node is let go. */
  select(node: string | null): void {
    this.selectAll(node === null ? [] : [node]);
  }

  /** Selects several nodes; the last one is looked into. */
  selectAll(nodes: readonly string[], edge: string | null = null): void {
    const node = nodes.at(-1) ?? null;
    // The same again is no news: every card asks whether it is selected.
    if (nodes.length !== this.nodes.length || nodes.some((id, i) => id !== this.nodes[i])) this.nodes = nodes;
    this.edge = edge;
    this.node = node;
    if (this.unit && this.unit.node !== node) this.unit = null;
  }
}

export const selection = new Selection();

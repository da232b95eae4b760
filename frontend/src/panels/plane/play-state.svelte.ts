/** What the parts of the playground share: the network as a model, where everything lies, and what is pointed at. */
import type { Layout, Wire } from "./geometry";
import { type PlayModel, unitName } from "./model";
import type { LayerWeights } from "../wiring";
import type { Path } from "./streams";

/** A number that is being changed by hand. */
export type Edited =
  { kind: "weight"; layer: number; from: number; to: number } | { kind: "bias"; layer: number; unit: number };

export class PlayState {
  model = $state.raw<PlayModel>({ point: "", source: "", features: null, inputs: [], layers: [] });
  layout = $state.raw<Layout>({ columns: [], width: 0, height: 0, side: 0 });
  wires = $state.raw<Wire[]>([]);
  classes = $state.raw<string[]>([]);
  wire = $state.raw<Wire | null>(null);
  edited = $state.raw<Edited | null>(null);
  /** The neuron that a pointer or the focus is on: column (0: inputs) and row. */
  neuron = $state.raw<{ column: number; row: number } | null>(null);
  /** Never reactive: it changes fifteen times a second. */
  weights = new Map<string, LayerWeights>();
  path: Path | null = null;
  /** Grows with every path that arrives, for what is said of it in words. */
  heard = $state(0);

  /** Grows a few times a second while weights arrive, for those who hear them. */
  told = $state(0);

  /** The lit point itself: x₁ and x₂. */
  point(): [number, number] | null {
    const found = this.path?.outputs.get(this.model.point);
    return found && found.length === 2 ? [found[0] ?? NaN, found[1] ?? NaN] : null;
  }

  /** The weights of layer `layer` where they fit the model as it is now. */
  weightsOf(layer: number): LayerWeights | null {
    const node = this.model.layers[layer];
    const found = node && this.weights.get(node.node);
    const inputs =
      layer === 0 ? this.model.inputs.filter((input) => input.on).length : this.model.layers[layer - 1]?.units;
    return found && found.units === node.units && found.inputs === inputs ? found : null;
  }

  weightOf(wire: Wire): number {
    return this.weightsOf(wire.layer)?.weights[wire.index] ?? NaN;
  }

  /** What the unit at the beginning of a wire says for the lit point. */
  activationAt(layer: number, place: number): number {
    const node = layer === 0 ? this.model.source : this.model.layers[layer - 1]?.shown;
    return this.path?.outputs.get(node ?? "")?.[place] ?? NaN;
  }

  /** Weight times activation, of the lit point. */
  signalOf(wire: Wire): number {
    const inputs = this.weightsOf(wire.layer)?.inputs ?? 1;
    return this.weightOf(wire) * this.activationAt(wire.layer, wire.index % inputs);
  }

  /** One strength per wire: signals of a lit point, else weights; NaN, which is not drawn, where it is pruned. */
  strengths(): Float32Array {
    const pruned = (wire: Wire): boolean => this.weightsOf(wire.layer)?.pruned.has(wire.index) ?? false;
    return Float32Array.from(this.wires, (wire) =>
      pruned(wire) ? NaN : this.path ? this.signalOf(wire) : this.weightOf(wire),
    );
  }

  sourceName(layer: number, from: number): string {
    if (layer === 0) return this.model.inputs[from]?.feature.label ?? "";
    return this.targetName(layer - 1, from);
  }

  targetName(layer: number, unit: number): string {
    const found = this.model.layers[layer];
    return found ? unitName(found, unit, this.classes) : "";
  }

  wireName(wire: Pick<Wire, "layer" | "from" | "to">): string {
    return `${this.sourceName(wire.layer, wire.from)} → ${this.targetName(wire.layer, wire.to)}`;
  }

  /** The present value of what is edited. */
  valueOf(edited: Edited): number {
    if (edited.kind === "bias") return this.weightsOf(edited.layer)?.biases?.[edited.unit] ?? NaN;
    const wire = this.find(edited);
    return wire ? this.weightOf(wire) : NaN;
  }

  find({ layer, from, to }: { layer: number; from: number; to: number }): Wire | undefined {
    return this.wires.find((wire) => wire.layer === layer && wire.from === from && wire.to === to);
  }
}

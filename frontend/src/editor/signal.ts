/** How large the signal is on every connection, from the probe `flow`. */
import { type Frame, watch } from "../stores/frames";

const THINNEST = 1.5;
const WIDEST = 7;

/** Root mean square of each node's output, by node. */
export function signals(frame: Frame): Record<string, number> {
  const nodes = frame.header.extra["nodes"];
  if (!Array.isArray(nodes)) return {};
  return Object.fromEntries(nodes.map((node, i) => [String(node), frame.at(i)]));
}

/** Width in pixels: the square root of the share of the largest signal. */
export function edgeWidth(signal: number | undefined, largest: number): number {
  if (signal === undefined || !(largest > 0) || !Number.isFinite(signal)) return 2;
  return Math.round(10 * (THINNEST + (WIDEST - THINNEST) * Math.sqrt(Math.min(1, signal / largest)))) / 10;
}

export function watchSignals(source: string, onSignals: (signals: Record<string, number>) => void): () => void {
  return watch({ probe: "flow", source, rate: 4 }, (frame) => onSignals(signals(frame)));
}

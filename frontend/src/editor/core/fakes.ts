/** Small networks for the tests of the core. */
import { makeEdge, type Network, type Node, type PortsOf } from "./network";

export const node = (id: string, kind = "relu", config: Node["config"] = {}): Node => ({
  id,
  kind,
  config,
  label: null,
  tied: {},
});

/** `chain("a", "b", "c")`: a → b → c. */
export const chain = (...ids: string[]): Network => ({
  nodes: ids.map((id) => node(id, id === "input" ? "input" : "relu")),
  edges: ids.slice(1).map((id, i) => makeEdge(ids[i] ?? "", id)),
  parts: {},
});

const port = (name: string, many = false) => ({ name, many, optional: false });

export const portsOf: PortsOf = (of) => {
  if (of.kind === "input") return { inputs: [], outputs: [port("out")] };
  if (of.kind === "add") return { inputs: [port("in", true)], outputs: [port("out")] };
  if (of.kind === "gru_cell") return { inputs: [port("in"), port("state")], outputs: [port("out")] };
  return { inputs: [port("in")], outputs: [port("out")] };
};

/** `a>b b>c`, sorted. */
export const wires = (network: Network): string =>
  network.edges
    .map((edge) => `${edge.source}>${edge.target}${edge.target_port === "in" ? "" : `.${edge.target_port}`}`)
    .sort()
    .join(" ");

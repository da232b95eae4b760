/** What the server proposes, carried out on the document. */
import { withValue } from "../../protocol/document";
import type { Choice, Experiment, Mend } from "../../protocol/types";
import { edgeId, type Network } from "./network";

export function patched(experiment: Experiment, mend: Mend): { network: Network; recipe: Choice } {
  let next = experiment;
  if (mend.path !== null) next = withValue(next, mend.path, mend.value);
  const { patch } = mend;
  let { network } = next;
  if (patch) {
    const cut = new Set(patch.remove_edges.map(edgeId));
    const gone = new Set(patch.remove_nodes);
    network = {
      nodes: [...network.nodes.filter((node) => !gone.has(node.id)), ...patch.add_nodes],
      edges: [
        ...network.edges.filter((edge) => !cut.has(edgeId(edge)) && !gone.has(edge.source) && !gone.has(edge.target)),
        ...patch.add_edges,
      ],
      parts: network.parts,
    };
  }
  return { network, recipe: next.recipe };
}

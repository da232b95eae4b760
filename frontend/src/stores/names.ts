/** What people call the layers of a network. */
import type { Network } from "../protocol/types";
import { catalogue } from "./catalogue.svelte";

/**
 * The name that somebody gave the layer, else its kind; where several of that kind go without a name, numbered in
 * the order of the network (`ReLU 2`). Each lane of a race, being a network of its own, counts from one.
 */
export function layerName(network: Network | undefined, id: string): string {
  const node = network?.nodes.find((one) => one.id === id);
  if (!network || !node) return id;
  if (node.label) return node.label;
  const kind = catalogue.label("layers", node.kind);
  const near = connected(network, id);
  const alike = network.nodes.filter((one) => one.kind === node.kind && !one.label && near.has(one.id));
  return alike.length > 1 ? `${kind} ${alike.indexOf(node) + 1}` : kind;
}

/** Everything that some road, in whichever direction, joins to this node; itself too. */
function connected(network: Network, id: string): ReadonlySet<string> {
  const found = new Set([id]);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const { source, target } of network.edges) {
      if (found.has(source)) found.add(target);
      if (found.has(target)) found.add(source);
    }
  }
  return found;
}

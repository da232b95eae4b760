/** Settings of one node or several at once, names, shared weights. */
import { type Network, nodeOf, nameOf, refuse, type Result } from "./network";

/** One setting of several nodes; nodes whose kind does not have it should not be among them. */
export function setConfig(network: Network, ids: readonly string[], key: string, value: unknown): Result {
  const chosen = new Set(ids);
  const nodes = network.nodes.map((node) =>
    chosen.has(node.id) ? { ...node, config: { ...node.config, [key]: value } } : node,
  );
  return { network: { ...network, nodes }, select: [...ids] };
}

export function setLabel(network: Network, id: string, label: string): Result {
  const text = label.trim();
  if (text.length > 200)
    return refuse(`A name has at most 200 characters; this one has ${text.length.toLocaleString("en-GB")}.`);
  const nodes = network.nodes.map((node) => (node.id === id ? { ...node, label: text || null } : node));
  return { network: { ...network, nodes }, select: [id] };
}

/** The later nodes use the weights of the first. `names`: the trainable parameters of each node. */
export function share(network: Network, ids: readonly string[], names: (id: string) => readonly string[]): Result {
  const [first, ...rest] = network.nodes.filter((node) => ids.includes(node.id));
  if (!first || rest.length === 0) return refuse("Select at least two layers of one kind to share their weights.");
  const other = rest.find((node) => node.kind !== first.kind);
  if (other)
    return refuse(
      `${nameOf(network, first.id)} and ${nameOf(network, other.id)} are of different kinds; only equal layers share weights.`,
    );
  const parameters = names(first.id);
  if (parameters.length === 0) return refuse(`${nameOf(network, first.id)} has no weights that could be shared.`);
  // Shared from elsewhere itself: everybody points to where the weights live.
  const home = (name: string): string => first.tied[name] ?? `${first.id}.${name}`;
  const chosen = new Set(rest.map((node) => node.id));
  const tied = Object.fromEntries(parameters.map((name) => [name, home(name)]));
  const nodes = network.nodes.map((node) => {
    if (chosen.has(node.id)) return { ...node, tied };
    const moved = Object.entries(node.tied).map(([name, target]): [string, string] => {
      const [owner = "", parameter = ""] = target.split(".");
      return [name, chosen.has(owner) ? home(parameter) : target];
    });
    return Object.keys(node.tied).length > 0 ? { ...node, tied: Object.fromEntries(moved) } : node;
  });
  return { network: { ...network, nodes }, select: [...ids] };
}

export function unshare(network: Network, ids: readonly string[]): Result {
  const chosen = ids.filter((id) => Object.keys(nodeOf(network, id)?.tied ?? {}).length > 0);
  if (chosen.length === 0) return refuse("None of these layers shares its weights.");
  const nodes = network.nodes.map((node) => (chosen.includes(node.id) ? { ...node, tied: {} } : node));
  return { network: { ...network, nodes }, select: [...ids] };
}

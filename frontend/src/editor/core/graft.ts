/** A piece of a network set into another with ids of its own. */
import { type Edge, freshId, idsOf, type Network, type Node, partName } from "./network";

export interface Fragment {
  nodes: readonly Node[];
  edges: readonly Edge[];
  parts: Readonly<Record<string, readonly string[]>>;
}

export interface Grafted {
  network: Network;
  /** From the ids of the fragment to those in the network. */
  renamed: Map<string, string>;
  /** From the names of its parts to those in the network. */
  parts: Map<string, string>;
}

/** The id of a node without the number at its end, so that a copy of `conv1` is `conv2`. */
const base = (id: string): string => id.replace(/\d+$/, "") || id;

/**
 * Ids that are free stay; others get the next number. Shared weights point to the copy where the original is in the
 * fragment, else to the original. `after`: the node behind which the new ones are listed.
 */
export function graft(network: Network, fragment: Fragment, after?: string): Grafted {
  const taken = idsOf(network);
  const renamed = new Map<string, string>();
  for (const node of fragment.nodes) {
    if (taken.has(node.id)) renamed.set(node.id, freshId(taken, base(node.id)));
    else {
      taken.add(node.id);
      renamed.set(node.id, node.id);
    }
  }
  const names = new Set(Object.keys(network.parts));
  const parts = new Map<string, string>();
  for (const name of Object.keys(fragment.parts)) {
    const free = partName(name.replace(/_\d+$/, ""), names);
    parts.set(name, names.has(name) ? free : name);
    names.add(parts.get(name) ?? name);
  }
  const nodes = fragment.nodes.map((node) => copyOf(node, renamed, parts));
  const at = after === undefined ? network.nodes.length : network.nodes.findIndex((node) => node.id === after) + 1;
  const id = (old: string): string => renamed.get(old) ?? old;
  return {
    renamed,
    parts,
    network: {
      nodes: [...network.nodes.slice(0, at), ...nodes, ...network.nodes.slice(at)],
      edges: [
        ...network.edges,
        ...fragment.edges.map((edge) => ({ ...edge, source: id(edge.source), target: id(edge.target) })),
      ],
      parts: {
        ...network.parts,
        ...Object.fromEntries(
          Object.entries(fragment.parts).map(([name, members]) => [parts.get(name) ?? name, members.map(id)]),
        ),
      },
    },
  };
}

function copyOf(node: Node, renamed: ReadonlyMap<string, string>, parts: ReadonlyMap<string, string>): Node {
  const tied = Object.fromEntries(
    Object.entries(node.tied).map(([name, target]) => {
      const [owner = "", parameter = ""] = target.split(".");
      return [name, `${renamed.get(owner) ?? owner}.${parameter}`];
    }),
  );
  const called = node.config["part"];
  const config =
    typeof called === "string" && parts.has(called) ? { ...node.config, part: parts.get(called) } : node.config;
  return { ...node, id: renamed.get(node.id) ?? node.id, config, tied };
}

/** Named groups of layers (parts that nobody calls): made, dissolved, repeated. */
import { type Fragment, graft } from "./graft";
import { type Edge, makeEdge, nameOf, type Network, partName, refuse, type Result, tooMany } from "./network";

/** The part is run by a `part` or `scan` node: it is more than a way of drawing. */
export const isCalled = (network: Network, name: string): boolean =>
  network.nodes.some((node) => node.config["part"] === name);

export function group(network: Network, ids: readonly string[], wanted: string): Result {
  const members = network.nodes.map((node) => node.id).filter((id) => ids.includes(id));
  if (members.length < 1) return refuse("Select the layers that should form a block.");
  for (const [name, others] of Object.entries(network.parts)) {
    const shared = others.filter((id) => members.includes(id));
    const nested = shared.length === others.length || shared.length === members.length;
    if (shared.length > 0 && !nested) {
      return refuse(
        `${nameOf(network, shared[0] ?? "")} is in the block “${name}”, which only partly belongs to the selection.`,
      );
    }
    if (others.length === members.length && nested && shared.length > 0)
      return refuse(`These layers are the block “${name}” already.`);
  }
  const name = partName(wanted, new Set(Object.keys(network.parts)));
  return { network: { ...network, parts: { ...network.parts, [name]: members } }, select: members };
}

export function ungroup(network: Network, name: string): Result {
  const members = network.parts[name];
  if (!members) return refuse(`There is no block “${name}”.`);
  if (isCalled(network, name)) return refuse(`A layer runs the part “${name}”, so it has to stay.`);
  const parts = Object.fromEntries(Object.entries(network.parts).filter(([other]) => other !== name));
  return { network: { ...network, parts }, select: members };
}

export function renameGroup(network: Network, name: string, wanted: string): Result {
  const members = network.parts[name];
  if (!members) return refuse(`There is no block “${name}”.`);
  const others = new Set(Object.keys(network.parts).filter((other) => other !== name));
  const next = partName(wanted, others);
  const parts = Object.fromEntries(Object.entries(network.parts).map(([key, ids]) => [key === name ? next : key, ids]));
  const nodes = network.nodes.map((node) =>
    node.config["part"] === name ? { ...node, config: { ...node.config, part: next } } : node,
  );
  return { network: { ...network, nodes, parts }, select: members };
}

interface Border {
  into: Edge[];
  out: Edge[];
  inside: Edge[];
}

/** The connections of a set of nodes: within it, into it, out of it. */
export function borderOf(network: Network, ids: ReadonlySet<string>): Border {
  return {
    inside: network.edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target)),
    into: network.edges.filter((edge) => !ids.has(edge.source) && ids.has(edge.target)),
    out: network.edges.filter((edge) => ids.has(edge.source) && !ids.has(edge.target)),
  };
}

/** Copies of a block, one behind the other, `times` in all; each has weights of its own. */
export function repeat(network: Network, name: string, times: number): Result {
  const members = network.parts[name];
  if (!members) return refuse(`There is no block “${name}”.`);
  if (!Number.isInteger(times) || times < 2 || times > 100) return refuse("A block can be repeated 2 to 100 times.");
  const ids = new Set(members);
  const { into, out, inside } = borderOf(network, ids);
  const sources = new Set(into.map((edge) => `${edge.source}.${edge.source_port}`));
  const open = members.filter((id) => !network.edges.some((edge) => edge.source === id));
  const exits = new Map(out.map((edge) => [`${edge.source}.${edge.source_port}`, edge]));
  const [exit] =
    exits.size > 0
      ? [...exits.values()].map(({ source, source_port }) => ({ source, source_port }))
      : open.map((source) => ({ source, source_port: "out" }));
  if (sources.size !== 1 || exits.size > 1 || (exits.size === 0 && open.length !== 1) || !exit) {
    return refuse(
      `Only a block with one way in and one way out can be repeated; “${name}” has ${sources.size} in and ${Math.max(exits.size, open.length)} out.`,
    );
  }
  const full = tooMany(network, members.length * (times - 1), (inside.length + into.length) * (times - 1));
  if (full) return refuse(full);
  const copied: Fragment = {
    nodes: network.nodes.filter((node) => ids.has(node.id)),
    edges: inside,
    parts: { [name]: members },
  };
  let result: Network = network;
  let last = exit;
  const select = [...members];
  for (let copy = 1; copy < times; copy++) {
    const grafted = graft(result, copied, members.at(-1));
    result = {
      ...grafted.network,
      edges: [
        ...grafted.network.edges,
        ...into.map((edge) =>
          makeEdge(last.source, grafted.renamed.get(edge.target) ?? edge.target, last.source_port, edge.target_port),
        ),
      ],
    };
    last = { source: grafted.renamed.get(exit.source) ?? exit.source, source_port: exit.source_port };
    select.push(...grafted.renamed.values());
  }
  const moved = result.edges.map((edge) =>
    out.includes(edge) ? { ...edge, source: last.source, source_port: last.source_port } : edge,
  );
  return { network: { ...result, edges: moved }, select };
}

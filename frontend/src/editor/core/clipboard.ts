/** Copy and paste: a piece of a network as JSON text, between tabs, programs and people. */
import { borderOf } from "./groups";
import { type Fragment, graft } from "./graft";
import { fault, type PortsOfKind } from "./wiring";
import { type Edge, MOST_EDGES, MOST_NODES, type Network, type Node, type Result, tooMany } from "./network";

export type Positions = Record<string, [number, number]>;

/** Longer text is not even read. */
export const MOST_TEXT = 32_000_000;
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const NEWEST_VERSION = 1;

export interface Clip extends Fragment {
  positions: Positions;
}

/** The selected nodes with their connections to one another, as text. */
export function copyText(network: Network, ids: readonly string[], positions: Readonly<Positions>): string {
  const chosen = new Set(ids);
  const parts = Object.entries(network.parts).filter(([, members]) => members.every((id) => chosen.has(id)));
  return JSON.stringify(
    {
      torchglass: "layers",
      version: NEWEST_VERSION,
      nodes: network.nodes.filter((node) => chosen.has(node.id)),
      edges: borderOf(network, chosen).inside,
      parts: Object.fromEntries(parts),
      positions: Object.fromEntries(Object.entries(positions).filter(([id]) => chosen.has(id))),
    },
    null,
    1,
  );
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const NOT_OURS = "This text is no experiment and no copied layers, so nothing was pasted.";

/** Reads what was copied: layers, or the network of a whole experiment. Throws Error with a reason in words. */
export function readClip(text: string, ports: PortsOfKind): Clip {
  if (text.length > MOST_TEXT) throw new Error("This text is far too long for a network, so nothing was pasted.");
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new Error(NOT_OURS);
  }
  if (!isObject(raw)) throw new Error(NOT_OURS);
  const source = isObject(raw["network"]) ? raw["network"] : raw;
  if (typeof raw["version"] === "number" && raw["version"] > NEWEST_VERSION) {
    throw new Error(
      `This was made by a newer version of Torchglass (format ${raw["version"]}), so nothing was pasted.`,
    );
  }
  const nodes = source["nodes"];
  const edges = source["edges"] ?? [];
  if (!Array.isArray(nodes) || !Array.isArray(edges)) throw new Error(NOT_OURS);
  if (nodes.length > MOST_NODES || edges.length > MOST_EDGES) {
    const count = nodes.length.toLocaleString("en-GB");
    throw new Error(
      `${count} layers are too many: a network holds at most ${MOST_NODES.toLocaleString("en-GB")}. Nothing was pasted.`,
    );
  }
  const read = nodes.map(readNode);
  const ids = new Set(read.map((node) => node.id));
  if (ids.size < read.length) throw new Error("Two of the pasted layers have the same id, so nothing was pasted.");
  const kept = edges.map(readEdge);
  const wrong = fault(read, kept, ports);
  if (wrong) throw new Error(`${wrong} Nothing was pasted.`);
  const parts = Object.entries(isObject(source["parts"]) ? source["parts"] : {}).flatMap(([name, members]) =>
    NAME.test(name) && Array.isArray(members)
      ? [[name, members.filter((id): id is string => ids.has(String(id)))] as const]
      : [],
  );
  return { nodes: read, edges: kept, parts: Object.fromEntries(parts), positions: readPositions(raw, ids) };
}

function readNode(raw: unknown): Node {
  if (!isObject(raw) || typeof raw["id"] !== "string" || typeof raw["kind"] !== "string") throw new Error(NOT_OURS);
  if (!NAME.test(raw["id"])) {
    throw new Error(
      `“${raw["id"].slice(0, 24)}” is no id of a layer (a letter, then letters, digits or underscores), so nothing was pasted.`,
    );
  }
  const label = typeof raw["label"] === "string" ? raw["label"].slice(0, 200) : null;
  const tied = Object.entries(isObject(raw["tied"]) ? raw["tied"] : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return {
    id: raw["id"],
    kind: raw["kind"].slice(0, 64),
    config: isObject(raw["config"]) ? raw["config"] : {},
    label,
    tied: Object.fromEntries(tied.slice(0, 8)),
  };
}

function readEdge(raw: unknown): Edge {
  if (!isObject(raw) || typeof raw["source"] !== "string" || typeof raw["target"] !== "string")
    throw new Error(NOT_OURS);
  const port = (value: unknown, usual: string): string =>
    typeof value === "string" && NAME.test(value) ? value : usual;
  return {
    source: raw["source"],
    target: raw["target"],
    source_port: port(raw["source_port"], "out"),
    target_port: port(raw["target_port"], "in"),
  };
}

function readPositions(raw: Json, ids: ReadonlySet<string>): Positions {
  const given = raw["positions"] ?? (isObject(raw["view"]) ? raw["view"]["positions"] : undefined);
  const found: Positions = {};
  for (const [id, place] of Object.entries(isObject(given) ? given : {})) {
    const [x, y] = Array.isArray(place) ? (place as unknown[]) : [];
    if (ids.has(id) && Number.isFinite(x) && Number.isFinite(y)) found[id] = [Number(x), Number(y)];
  }
  return found;
}

export type Pasted = Exclude<Result, { reason: string }> & { positions: Positions };

/** Sets copied layers into the network, a little beside where they were. Never throws. */
export function paste(
  network: Network,
  text: string,
  ports: PortsOfKind = () => null,
  shift = 40,
): Pasted | { reason: string } {
  let clip: Clip;
  try {
    clip = readClip(text, ports);
  } catch (error) {
    return { reason: error instanceof Error ? error.message : NOT_OURS };
  }
  if (clip.nodes.length === 0) return { reason: "There are no layers in this text." };
  const full = tooMany(network, clip.nodes.length, clip.edges.length);
  if (full) return { reason: full };
  const grafted = graft(network, clip);
  const positions = Object.fromEntries(
    Object.entries(clip.positions).map(([id, [x, y]]): [string, [number, number]] => [
      grafted.renamed.get(id) ?? id,
      [x + shift, y + shift],
    ]),
  );
  return { network: grafted.network, select: [...grafted.renamed.values()], positions };
}

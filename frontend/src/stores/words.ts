/** Places and values of the experiment document in words, for people who must choose between two of them. */
import { count } from "../math/format";
import type { Experiment, Network } from "../protocol/types";
import { layerName } from "./names";

const KNOWN: Record<string, string> = {
  lr: "Learning rate",
  p: "Dropped share",
  name: "Name of the run",
  description: "Description",
  network: "The network",
  batch_size: "Batch size",
  out_features: "Units",
};

const words = (key: string): string => {
  const text = key.replaceAll("_", " ");
  return KNOWN[key] ?? text.charAt(0).toUpperCase() + text.slice(1);
};

/** What a path names: `network.nodes.drop1.config.p` is “Dropout 1: dropped share”. */
export function placeInWords(path: string, experiment: Experiment): string {
  const keys = path.split(".");
  const last = words(keys.at(-1) ?? path);
  if (keys[0] === "network" && keys[1] === "nodes" && keys[2] !== undefined) {
    return `${layerName(experiment.network, keys[2])}: ${last.charAt(0).toLowerCase()}${last.slice(1)}`;
  }
  const several = Object.keys(experiment.training.optimizers).length > 1;
  return keys[1] === "optimizers" && several ? `${last} of ${keys[2] ?? ""}` : last;
}

/** One value, short; a network is told by `networkChanges`. */
export function valueInWords(value: unknown): string {
  if (value === undefined) return "removed";
  if (value === null || value === "") return "none";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "number") return Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(6)));
  if (typeof value === "string") return `“${value.length > 60 ? `${value.slice(0, 59)}…` : value}”`;
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

const isNetwork = (value: unknown): value is Network =>
  typeof value === "object" && value !== null && "nodes" in value && "edges" in value;

const MOST_LINES = 6;

/** What was done to a network, a line each: layers added, removed and changed, connections. */
export function networkChanges(before: unknown, after: unknown): string[] | null {
  if (!isNetwork(before) || !isNetwork(after)) return null;
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  const named = (network: Network, { id }: { id: string }): string => layerName(network, id);
  const lines: string[] = [];
  for (const node of after.nodes) {
    const was = old.get(node.id);
    old.delete(node.id);
    if (!was) lines.push(`${named(after, node)} added`);
    else if (was.kind !== node.kind) lines.push(`${named(before, was)} is now ${words(node.kind)}`);
    else
      for (const key of new Set([...Object.keys(was.config), ...Object.keys(node.config)])) {
        const [from, to] = [was.config[key], node.config[key]];
        if (JSON.stringify(from) !== JSON.stringify(to))
          lines.push(
            `${named(after, node)}: ${words(key)} ${valueInWords(from ?? null)} → ${valueInWords(to ?? null)}`,
          );
      }
  }
  for (const gone of old.values()) lines.push(`${named(before, gone)} removed`);
  const ends = (network: Network): Set<string> => new Set(network.edges.map((edge) => JSON.stringify(edge)));
  const [then, now] = [ends(before), ends(after)];
  const moved = [...now].filter((edge) => !then.has(edge)).length + [...then].filter((edge) => !now.has(edge)).length;
  if (moved > 0) lines.push(`${moved} ${moved === 1 ? "connection" : "connections"} changed`);
  const rest = lines.length - MOST_LINES;
  return rest > 1 ? [...lines.slice(0, MOST_LINES), `and ${rest} more`] : lines;
}

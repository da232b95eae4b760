/** What a person can do to the network, by whichever key, button or gesture. */
import type { Block, CatalogueEntry } from "../protocol/report";
import type { Mend, Suggestion } from "../protocol/types";
import { catalogue } from "../stores/catalogue.svelte";
import { selection } from "../stores/selection.svelte";
import { toasts } from "../stores/toasts.svelte";
import { instantiate } from "./core/blocks";
import { copyText, paste } from "./core/clipboard";
import { connect as join, disconnect, reconnect as moveEnd } from "./core/connect";
import { group, isCalled, renameGroup, repeat, ungroup } from "./core/groups";
import { addNode, insertAfter, insertFragment, insertOnEdge } from "./core/insert";
import {
  type Edge,
  edgeId,
  ends,
  incoming,
  makeNode,
  nameOf,
  type Network,
  type Node,
  type Ports,
  type Result,
} from "./core/network";
import { patched } from "./core/patch";
import { removeNodes } from "./core/remove";
import { setConfig, setLabel, share, unshare } from "./core/settings";
import { editor } from "./document.svelte";
import { view } from "./view.svelte";

/** Work on vectors: on a connection that flattens, they belong behind it. */
const ON_VECTORS = new Set(["linear", "softmax"]);

/** The field of the data that a new input reads. */
function dataField(): string {
  const fields = Object.entries(editor.report?.fields ?? {});
  return (fields.find(([, field]) => field.role === "input") ?? fields[0])?.[0] ?? "image";
}

function made(network: Network, kind: string): Node {
  return makeNode(network, kind, kind === "input" ? { field: dataField() } : {});
}

/** Where something new goes: on the selected connection, behind the selected layer, or at the end. */
type Spot = { edge: Edge } | { after: string } | null;

function spotFor(kind: string): Spot {
  const link = view.link(selection.edge);
  if (link) {
    const edge = ON_VECTORS.has(kind) ? link.chain.at(-1) : link.chain[0];
    if (edge) return { edge };
  }
  const network = editor.network;
  if (selection.node !== null) {
    const card = view.cardOf(selection.node);
    const whole = card && card.nodes.every((id) => selection.nodes.includes(id));
    return { after: (whole ? card.outputs[0]?.node : undefined) ?? selection.node };
  }
  const output = editor.experiment?.recipe.config["output"];
  const open = ends(network);
  if (typeof output === "string" && open.includes(output)) return { after: output };
  const last = open.at(-1);
  return last === undefined ? null : { after: last };
}

/** The network with an input where there is none, and where the rest goes. */
function started(network: Network, kind: string): { network: Network; spot: Spot } {
  const entry = catalogue.find("layers", kind);
  if (network.nodes.length > 0 || entry?.inputs?.length === 0) return { network, spot: spotFor(kind) };
  const input = made(network, "input");
  return { network: { ...network, nodes: [input] }, spot: { after: input.id } };
}

/** Inserts a layer of that kind, or places it where `at` says. */
export function addLayer(kind: string, at?: [number, number]): void {
  const label = `Add ${catalogue.label("layers", kind)}`;
  if (at) {
    const node = made(editor.network, kind);
    const positions = { ...placed(), [node.id]: at };
    editor.apply(label, addNode(editor.network, node), { positions });
    return;
  }
  const { network, spot } = started(editor.network, kind);
  const node = made(network, kind);
  if (spot && "edge" in spot) editor.apply(label, insertOnEdge(network, spot.edge, node, editor.portsOf));
  else if (spot) editor.apply(label, insertAfter(network, spot.after, node, editor.portsOf));
  else editor.apply(label, addNode(network, node));
}

/** Inserts a layer on a connection, whatever is selected. */
export function addOn(link: string, kind: string): void {
  selection.selectAll([], link);
  if (catalogue.entries.blocks?.some((block) => block.kind === kind)) addBlock(kind);
  else addLayer(kind);
}

export function addBlock(kind: string): void {
  const block = catalogue.entries.blocks?.find((one) => one.kind === kind) as Block | undefined;
  if (!block) return;
  const { network, spot } = started(editor.network, "conv2d");
  const before = spot && ("edge" in spot ? spot.edge.source : spot.after);
  const sizes = before ? (editor.nodeReport(before)?.outputs["out"]?.axes ?? []).map((axis) => axis.size) : [];
  const arriving = sizes.length > 0 ? sizes : dataSizes();
  const fragment = instantiate(block, arriving);
  editor.apply(`Add ${block.label}`, insertFragment(network, spot, fragment, editor.portsOf));
}

/** The sizes of the field that an input would bring, for a block on an empty canvas. */
function dataSizes(): (number | string)[] {
  return editor.report?.fields[dataField()]?.shape.axes.map((axis) => axis.size) ?? [];
}

export const isBlock = (entry: CatalogueEntry): boolean => "fragment" in entry;

/** Every card where it stands now, so that a free place among them keeps its meaning. */
let standing: () => Record<string, [number, number]> = () => ({});
export function placedBy(read: typeof standing): void {
  standing = read;
}
const placed = (): Record<string, [number, number]> => ({ ...standing(), ...editor.positions });

export function removeSelected(reconnect = true, verb = "Remove"): void {
  const link = view.link(selection.edge);
  if (link) {
    const last = link.chain.at(-1);
    if (last) editor.apply("Remove the connection", disconnect(editor.network, [edgeId(last)]));
    return;
  }
  if (selection.nodes.length === 0) return;
  const names =
    selection.nodes.length === 1
      ? nameOf(editor.network, selection.nodes[0] ?? "")
      : `${selection.nodes.length} layers`;
  if (editor.apply(`${verb} ${names}`, removeNodes(editor.network, selection.nodes, reconnect, editor.portsOf))) {
    view.focusing += 1;
  }
}

export const connect = (edge: Edge): boolean => editor.apply("Connect", join(editor.network, edge, editor.portsOf));

export const reconnect = (from: string, to: Edge): boolean =>
  editor.apply("Reconnect", moveEnd(editor.network, from, to, editor.portsOf));

export const selectEverything = (): void => selection.selectAll(editor.network.nodes.map((node) => node.id));

export function copySelected(): string | null {
  if (selection.nodes.length === 0) return null;
  return copyText(editor.network, selection.nodes, placed());
}

/** Copies to the clipboard of the system; says so where the browser does not allow it. */
export async function copyOut(cut: boolean): Promise<void> {
  const text = copySelected();
  if (text === null) return;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    toasts.show("The browser does not let this page copy; use Ctrl C with the network in focus.", "bad");
    return;
  }
  if (cut) removeSelected(true, "Cut");
}

export async function pasteIn(): Promise<void> {
  try {
    pasteText(await navigator.clipboard.readText());
  } catch {
    toasts.show("The browser does not let this page read the clipboard; use Ctrl V with the network in focus.", "bad");
  }
}

/** Those of a layer that runs a part are those of the part. */
function portsOfKind(kind: string): Ports | null {
  const entry = catalogue.find("layers", kind);
  if (!entry || kind === "part" || kind === "scan") return null;
  return { inputs: entry.inputs ?? [], outputs: entry.outputs ?? [] };
}

export function pasteText(text: string): void {
  const result = paste(editor.network, text, portsOfKind);
  const manual = Object.keys(editor.positions).length > 0;
  if ("reason" in result) editor.apply("Paste", result);
  else
    editor.apply(
      "Paste",
      { network: result.network, select: result.select },
      manual ? { positions: { ...editor.positions, ...result.positions } } : {},
    );
}

export function duplicateSelected(): void {
  const text = copySelected();
  if (text !== null) pasteText(text);
}

/** The block that the selection is: a collapsed one, or exactly the layers of one. */
export function selectedBlock(): string | null {
  const card = view.cardOf(selection.node);
  if (card?.block) return card.block;
  const chosen = new Set(selection.nodes);
  const holding = Object.entries(editor.network.parts)
    .filter(([, members]) => selection.node !== null && members.includes(selection.node))
    .sort((a, b) => a[1].length - b[1].length);
  const exact = holding.find(([, members]) => members.length === chosen.size && members.every((id) => chosen.has(id)));
  return (exact ?? holding[0])?.[0] ?? null;
}

export function groupSelected(name: string, ids: readonly string[] = selection.nodes): void {
  editor.apply(`Group ${name}`, group(editor.network, ids, name));
}

export function ungroupSelected(): void {
  const block = selectedBlock();
  if (block === null) return;
  const collapsed = editor.collapsed.filter((name) => name !== block);
  editor.apply(`Dissolve ${block}`, ungroup(editor.network, block), { collapsed });
}

export function rename(block: string, name: string): void {
  const result = renameGroup(editor.network, block, name);
  if (result.reason !== undefined) return void editor.apply("Rename", result);
  const next = Object.keys(result.network.parts).find((part) => !(part in editor.network.parts)) ?? block;
  const collapsed = editor.collapsed.map((part) => (part === block ? next : part));
  editor.apply(`Rename ${block}`, result, { collapsed });
}

export function repeatBlock(block: string, times: number): void {
  const result = repeat(editor.network, block, times);
  if (result.reason !== undefined || !editor.collapsed.includes(block)) {
    editor.apply(`Repeat ${block} ×${times}`, result);
    return;
  }
  const fresh = Object.keys(result.network.parts).filter((part) => !(part in editor.network.parts));
  editor.apply(`Repeat ${block} ×${times}`, result, { collapsed: [...editor.collapsed, ...fresh] });
}

export function toggleBlock(block = selectedBlock()): void {
  if (block === null || isCalledPart(block)) return;
  const collapsed = editor.collapsed.includes(block)
    ? editor.collapsed.filter((name) => name !== block)
    : [...editor.collapsed, block];
  editor.collapse(collapsed);
  selection.selectAll(editor.network.parts[block] ?? []);
}

const isCalledPart = (name: string): boolean => isCalled(editor.network, name);

export function shareSelected(): void {
  const names = (id: string): string[] =>
    (editor.nodeReport(id)?.parameter_shapes ?? []).filter((one) => one.trainable).map((one) => one.name);
  editor.apply("Share weights", share(editor.network, withWeights(), names));
}

/** Of the selection, the layers that have weights: the activation inside a card has none to share. */
const withWeights = (): string[] =>
  selection.nodes.filter((id) => (editor.nodeReport(id)?.parameter_shapes ?? []).some((one) => one.trainable));

export const unshareSelected = (): boolean =>
  editor.apply("Give weights of their own", unshare(editor.network, selection.nodes));

/** What is selected stays so: a setting changes no layer into another. */
const asSelected = (result: Result): Result =>
  result.reason === undefined ? { ...result, select: [...selection.nodes] } : result;

export function setSetting(ids: readonly string[], key: string, value: unknown): void {
  editor.apply(`Set ${key.replaceAll("_", " ")}`, asSelected(setConfig(editor.network, ids, key, value)), {
    key: `${ids.join()}.${key}`,
  });
}

export function setName(id: string, label: string): void {
  editor.apply("Rename", asSelected(setLabel(editor.network, id, label)), { key: `${id}.label` });
}

/** Carries out what the server proposes for a problem. */
export function mend(proposal: Mend): void {
  const { experiment } = editor;
  if (!experiment) return;
  const { network, recipe } = patched(experiment, proposal);
  editor.apply(proposal.label, { network, select: [...selection.nodes] }, { recipe });
}

/** Takes what the server offers, as it offers it for the network of this moment: the last report may be older. */
export async function take({ kind, label }: Suggestion): Promise<void> {
  const offers = await editor.offers();
  const suggestion = offers.find((one) => one.kind === kind && one.label === label);
  if (!suggestion) {
    toasts.show(`“${label}” does not fit the network any more.`, "bad");
    return;
  }
  const { network, recipe } = suggestion;
  const end = recipe.config["output"];
  editor.apply(suggestion.label, { network, select: typeof end === "string" ? [end] : [] }, { recipe });
  view.fitting += 1;
}

export function autoLayout(): void {
  editor.move({});
  view.fitting += 1;
}

/** Selects the neighbour of what is selected: a layer's connection, then the next layer. True if there was one. */
export function step(direction: 1 | -1): boolean {
  const link = view.link(selection.edge);
  if (link) {
    selectCard(direction === 1 ? link.target : link.source);
    return true;
  }
  const card = view.cardOf(selection.node);
  if (!card) return false;
  const next = view.links.find((one) => (direction === 1 ? one.source : one.target) === card.id);
  if (!next) return false;
  selection.selectAll([], next.id);
  return true;
}

export function selectCard(id: string, more = false): void {
  const card = view.cards.find((one) => one.id === id);
  if (!card) return;
  const own = [...card.nodes.filter((node) => node !== card.id), ...card.nodes.filter((node) => node === card.id)];
  if (!more) selection.selectAll(own);
  else if (own.every((node) => selection.nodes.includes(node)))
    selection.selectAll(selection.nodes.filter((node) => !own.includes(node)));
  else selection.selectAll([...selection.nodes.filter((node) => !own.includes(node)), ...own]);
}

export const inputsOf = (id: string): Edge[] => incoming(editor.network, id);

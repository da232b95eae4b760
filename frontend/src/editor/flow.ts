/** From cards and where they stand to what the canvas draws. Pure. */
import type { Edge, Node } from "@xyflow/svelte";

import type { Card, Link } from "./cards";
import { type Frame, frameId } from "./graph-layout";
import type { Arrangement, Place } from "./layout";
import type { CardLook, EdgeLook } from "./looks";
import type { Shown } from "./shown.svelte";

export type Sizes = Readonly<Record<string, { width: number; height: number }>>;
export type Measure = (id: string, width: number, height: number) => void;
export type CardNodeType = Node<{ shown: Shown<CardLook>; measure: Measure }>;
export type FrameNodeType = Node<{ name: string; width: number; height: number }>;
export type FlowNode = CardNodeType | FrameNodeType;

const AROUND = 16;
const HEAD = 30;

/** The open blocks around the cards, outermost first, so that inner ones lie above them. */
export function framesOf(
  parts: Readonly<Record<string, readonly string[]>>,
  collapsed: readonly string[],
  cards: readonly Card[],
): Frame[] {
  return Object.entries(parts)
    .filter(([name]) => !collapsed.includes(name))
    .map(([name, nodes]) => {
      const inside = new Set(nodes);
      return { name, members: cards.filter((card) => card.nodes.every((id) => inside.has(id))).map((card) => card.id) };
    })
    .filter((frame) => frame.members.length > 0)
    .sort((a, b) => b.members.length - a.members.length);
}

export function frameNodes(frames: readonly Frame[], arrangement: Arrangement, sizes: Sizes): FrameNodeType[] {
  return frames.flatMap((frame, depth) => {
    const boxes = frame.members.flatMap((id) => {
      const place = arrangement.places.get(id);
      const size = sizes[id];
      return place && size ? [{ ...place, ...size }] : [];
    });
    if (boxes.length === 0) return [];
    // A frame within another keeps clear of its border.
    const around = AROUND - 5 * Math.min(2, depth);
    const left = Math.min(...boxes.map((box) => box.x)) - around;
    const top = Math.min(...boxes.map((box) => box.y)) - HEAD;
    const width = Math.max(...boxes.map((box) => box.x + box.width)) - left + around;
    const height = Math.max(...boxes.map((box) => box.y + box.height)) - top + around;
    return [
      {
        id: frameId(frame.name),
        type: "frame",
        position: { x: left, y: top },
        zIndex: -2 + Math.min(1, depth),
        selectable: false,
        draggable: false,
        measured: { width, height },
        data: { name: frame.name, width, height },
      },
    ];
  });
}

export interface NodeLooks {
  look: (card: string) => Shown<CardLook>;
  measure: Measure;
  /** Layers that are selected. */
  chosen: ReadonlySet<string>;
}

/** Frames first, so that they lie below the cards. A card that has no place yet is measured first. */
export function flowNodes(
  cards: readonly Card[],
  frames: readonly Frame[],
  placed: Arrangement | null,
  sizes: Sizes,
  { look, measure, chosen }: NodeLooks,
): FlowNode[] {
  const shown = cards.map((card): CardNodeType => {
    const place = placed?.places.get(card.id);
    const size = sizes[card.id];
    return {
      id: card.id,
      type: "card",
      position: place ?? { x: 0, y: 0 },
      selected: card.nodes.some((node) => chosen.has(node)),
      data: { shown: look(card.id), measure },
      ...(place ? {} : { class: "unplaced" }),
      ...(size ? { measured: size } : {}),
    };
  });
  return [...(placed ? frameNodes(frames, placed, sizes) : []), ...shown];
}

/** Whether two nodes would be drawn alike: then the old one stays, with whatever the canvas knows of it. */
export function sameNode(a: FlowNode, b: FlowNode): boolean {
  const [mine, theirs] = [a.data as Record<string, unknown>, b.data as Record<string, unknown>];
  return (
    a.type === b.type &&
    a.position.x === b.position.x &&
    a.position.y === b.position.y &&
    (a.selected ?? false) === (b.selected ?? false) &&
    a.class === b.class &&
    a.measured?.width === b.measured?.width &&
    a.measured?.height === b.measured?.height &&
    Object.keys(theirs).every((key) => mine[key] === theirs[key])
  );
}

export function flowEdges(links: readonly Link[], look: (link: string) => Shown<EdgeLook>): Edge[] {
  return links.map((link) => ({
    id: link.id,
    source: link.source,
    target: link.target,
    sourceHandle: link.sourceHandle,
    targetHandle: link.targetHandle,
    type: "signal",
    focusable: false,
    selectable: false,
    data: { shown: look(link.id) },
  }));
}

/** Whether two connections would be drawn alike. */
export const sameEdge = (a: Edge, b: Edge): boolean =>
  a.source === b.source &&
  a.target === b.target &&
  a.sourceHandle === b.sourceHandle &&
  a.targetHandle === b.targetHandle &&
  a.data?.["shown"] === b.data?.["shown"];

/** The connection that a point lies on, for what is dropped there; null where there is none near. */
export function edgeAt(
  links: readonly Link[],
  arrangement: Arrangement,
  sizes: Sizes,
  at: { x: number; y: number },
  near = 28,
): Link | null {
  let best: Link | null = null;
  let least = near;
  for (const link of links) {
    const from = arrangement.places.get(link.source);
    const to = arrangement.places.get(link.target);
    const [a, b] = [sizes[link.source], sizes[link.target]];
    if (!from || !to || !a || !b) continue;
    const way: Place[] = [
      { x: from.x + a.width, y: from.y + a.height / 2 },
      ...(arrangement.bends?.get(link.id) ?? []).flatMap((bend) => [
        { x: bend.from, y: bend.y },
        { x: bend.to, y: bend.y },
      ]),
      { x: to.x, y: to.y + b.height / 2 },
    ];
    const distance = Math.min(...way.slice(1).map((end, i) => distanceTo(at, way[i] as Place, end)));
    if (distance < least) {
      least = distance;
      best = link;
    }
  }
  return best;
}

/** From a point to the straight line between two others. */
function distanceTo(at: Place, start: Place, end: Place): number {
  const [dx, dy] = [end.x - start.x, end.y - start.y];
  const along = ((at.x - start.x) * dx + (at.y - start.y) * dy) / Math.max(1, dx * dx + dy * dy);
  const on = Math.min(1, Math.max(0, along));
  return Math.hypot(at.x - start.x - on * dx, at.y - start.y - on * dy);
}

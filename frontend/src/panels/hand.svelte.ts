/** The points in somebody's hand: dragged, painted, given another class, erased, while the network trains. */
import type { ByHand } from "../protocol/types";
import { run } from "../stores/run.svelte";
import { changed, MOST, type Origin, originsOf, type Split, withNew, without } from "./by-hand";
import { throttled } from "./feed";

export type Place = { x: number; y: number };
export type Found = { split: Split; index: number };
/** A number: paints that class, or gives it to a point that is there already. */
export type Tool = "move" | "erase" | number;

const EVERY = 50;
/** Milliseconds in which what the server still shows of before is not believed. */
const QUIET = 700;
/** Pixels between two points of one stroke. */
const STROKE = 14;
/** A pointer that moved so far drags. */
const DRAGS = 4;

/** A point as it is seen, and what of it the document holds. */
export interface Placed<P> {
  point: P;
  values: ByHand["values"];
}

/** Fields of the data: what is told, and what is to be predicted. */
export interface FieldNames {
  input: string;
  target: string;
}

/** What the picture lends to the hand. */
export interface Picture<P> {
  points(split: Split): P[];
  show(split: Split, points: P[]): void;
  /** A point (null: a new one of that class or value) at another place. */
  placed(point: P | null, place: [number, number], target: number, fields: FieldNames): Placed<P>;
  /** A point with another class or value; null where there is none to give. */
  named(point: P, target: number, fields: FieldNames): Placed<P> | null;
  find(at: Place): Found | null;
  /** The place in the picture under these pixels. */
  place(at: Place): [number, number];
  classes(): number;
  say(words: string): void;
}

export class Hand<P> {
  open = $state(false);
  tool = $state<Tool>("move");
  /** What is painted where numbers are predicted. */
  value = $state(1);
  split = $state<Split>("train");
  /** Examples of each split before anything was done by hand. */
  rows: Record<Split, number> = { train: 0, test: 0 };
  private held: Found | null = null;
  private from: Place | null = null;
  private acted = false;
  private until = 0;
  private mine: ByHand[] | null = null;

  constructor(private readonly picture: Picture<P>) {}

  get list(): readonly ByHand[] {
    return this.mine ?? run.info?.experiment.data.by_hand ?? [];
  }

  /** Whether a picture of the points may be older than what the hand has done. */
  get busy(): boolean {
    return this.held !== null || performance.now() < this.until;
  }

  /** Something was done since the pointer went down: its click means nothing else. */
  get done(): boolean {
    return this.acted;
  }

  down(at: Place, event: PointerEvent): boolean {
    this.acted = false;
    run.gesture += 1;
    if (event.button !== 0 || run.readOnly || run.connection !== "live") return false;
    const found = this.picture.find(at);
    // Without the tools a mouse drags all the same; a finger would rather scroll.
    if (!this.open && (event.pointerType !== "mouse" || !found)) return false;
    this.from = at;
    if (!this.open || this.tool === "move") this.held = found;
    else this.stroke(at, found);
    return this.held !== null || this.open;
  }

  move(at: Place): boolean {
    if (!this.from) return false;
    const far = Math.hypot(at.x - this.from.x, at.y - this.from.y);
    if (this.held) {
      if (!this.acted && far < DRAGS) return true;
      this.put(this.held, this.picture.place(at));
    } else if (this.open && this.tool !== "move") {
      const found = this.picture.find(at);
      if (this.tool === "erase" ? found : far >= STROKE) this.stroke(at, found);
    }
    return true;
  }

  up(): void {
    this.held = this.from = null;
  }

  /** Moves a point. */
  put(found: Found, place: [number, number]): void {
    const point = this.picture.points(found.split)[found.index];
    if (point !== undefined) this.change(found, this.picture.placed(point, place, this.painted, this.fields()));
  }

  /** Gives a point another class or value. */
  name(found: Found, target: number): void {
    const point = this.picture.points(found.split)[found.index];
    const placed = point === undefined ? null : this.picture.named(point, target, this.fields());
    if (placed) this.change(found, placed);
  }

  erase({ split, index }: Found): void {
    const points = this.picture.points(split);
    const origin = this.origin(split, index);
    if (!origin) return;
    if (split === "train" && points.length < 2) {
      this.picture.say("The last training point stays: a network needs at least one to learn from.");
      return;
    }
    this.picture.show(split, points.toSpliced(index, 1));
    this.commit(without(this.list, split, origin));
  }

  add(place: [number, number], target = this.painted): void {
    if (this.list.length >= MOST) {
      this.picture.say(`At most ${MOST} points are edited by hand.`);
      return;
    }
    const { point, values } = this.picture.placed(null, place, target, this.fields());
    this.picture.show(this.split, [...this.picture.points(this.split), point]);
    this.commit(withNew(this.list, this.split, values));
  }

  /** All points as the data set has them. */
  clear(): void {
    this.commit([]);
    this.until = 0;
  }

  /** The class that is painted, or the value where there are no classes. */
  get painted(): number {
    if (this.picture.classes() === 0) return this.value;
    return typeof this.tool === "number" ? this.tool : 0;
  }

  /** How many classes there are; 0 where numbers are predicted. */
  get classes(): number {
    return this.picture.classes();
  }

  private stroke(at: Place, found: Found | null): void {
    this.from = at;
    if (this.tool === "erase") {
      if (found) this.erase(found);
    } else if (found) this.name(found, this.painted);
    else this.add(this.picture.place(at));
  }

  private change({ split, index }: Found, placed: Placed<P>): void {
    const origin = this.origin(split, index);
    if (!origin) return;
    const points = this.picture.points(split);
    this.picture.show(
      split,
      points.map((point, i) => (i === index ? placed.point : point)),
    );
    this.commit(changed(this.list, split, origin, placed.values));
  }

  private origin(split: Split, index: number): Origin | undefined {
    return originsOf(this.list, split, this.rows[split])[index];
  }

  private fields(): FieldNames {
    const all = Object.entries(run.report?.fields ?? {});
    const named = (role: string): string => all.find(([, field]) => field.role === role)?.[0] ?? "";
    return { input: named("input"), target: named("target") };
  }

  private commit(list: ByHand[]): void {
    this.acted = true;
    this.mine = list;
    this.until = performance.now() + QUIET;
    this.send(list);
  }

  private readonly send = throttled((list: ByHand[]) => {
    run.set("data.by_hand", list);
    this.mine = null;
  }, EVERY);
}

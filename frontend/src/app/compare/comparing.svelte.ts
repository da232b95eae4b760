/** Two to six runs side by side: begun, started, paused and stepped together. It outlives its window. */
import { ApiError, get, post, remove } from "../../protocol/api";
import type { RunInfo } from "../../protocol/types";
import { toasts } from "../../stores/toasts.svelte";
import { Gathering } from "./gather";
import { behind, paces } from "./pace";
import type { Planned } from "./plan";
import { Variant } from "./variant.svelte";

/** Milliseconds between two looks at who is ahead. */
const EVERY = 500;

class Comparing {
  variants = $state.raw<Variant[]>([]);
  /** In what they differ: the setting that is varied; empty where they are whole examples. */
  what = $state("");
  /** They are being made. */
  beginning = $state(false);
  /** What kept them from being made, in words, and of which variant. */
  problem = $state.raw<string | null>(null);
  /** The fast ones wait for the slow ones. */
  together = $state(true);
  private timer: ReturnType<typeof setInterval> | undefined;
  /** They were paused and are to stand at the same step. */
  private gathering: Gathering<Variant> | null = null;
  /** Counts what people order, so that what was begun before does not overrule it. */
  private orders = 0;

  readonly running = $derived(this.variants.some((one) => one.running));
  readonly step = $derived(Math.max(0, ...this.variants.map(({ step }) => step)));

  /** Makes a run of each and starts them; where the server refuses one, none is left. */
  async begin(plan: readonly Planned[], what = ""): Promise<void> {
    this.beginning = true;
    this.problem = null;
    const made: Variant[] = [];
    try {
      for (const { label, experiment } of plan) {
        try {
          made.push(new Variant((await post<RunInfo>("/api/runs", { experiment })).id, label));
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          await Promise.allSettled(made.map(({ id }) => remove(`/api/runs/${id}`)));
          this.problem = `${label}: ${error.message}`;
          return;
        }
      }
    } finally {
      this.beginning = false;
    }
    this.show(made, what);
    const orders = this.orders;
    await Promise.all(made.map(({ known }) => known));
    // Somebody may have pressed “Pause” or a step meanwhile.
    if (orders === this.orders) await this.run();
  }

  /** Shows runs that there are already. */
  async gather(ids: readonly string[]): Promise<void> {
    const runs = await Promise.all(ids.map((id) => get<RunInfo>(`/api/runs/${id}`)));
    this.show(runs.map(({ id, name }) => new Variant(id, name)));
  }

  /** The window opened: those that were compared are there again. */
  enter(): void {
    for (const one of this.variants) one.connect();
    this.timer ??= setInterval(() => this.keepTogether(), EVERY);
  }

  /** The window closed: nobody looks, so nothing trains on; the runs stay in the list of runs. */
  async leave(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    const left = this.variants;
    await Promise.all(left.filter((one) => one.running).map((one) => one.ask({ type: "pause" })));
    await this.free(left);
    if (!this.timer) left.forEach((one) => one.leave());
  }

  clear(): void {
    this.ordered();
    this.variants.forEach((one) => one.leave());
    this.variants = [];
    this.problem = null;
  }

  drop(variant: Variant): void {
    void variant.ask({ type: "pause" }).finally(() => variant.leave());
    this.variants = this.variants.filter((one) => one !== variant);
  }

  run(): Promise<void> {
    this.ordered();
    return this.all(() => ({ type: "run" }));
  }

  /** One further than the one that is furthest, where they keep together. */
  async stepAll(unit: "step" | "epoch"): Promise<void> {
    this.ordered();
    const steps = this.together && unit === "step" ? behind(this.variants) : [];
    await this.all((i) => ({ type: "step", n: 1 + (steps[i] ?? 0), unit }));
  }

  again(): Promise<void> {
    this.ordered();
    return this.all(() => ({ type: "reset", reinitialise: false }));
  }

  /** All stand at the same step then: those behind go on to where the first one is. */
  async pause(): Promise<void> {
    this.ordered();
    const orders = this.orders;
    const going = this.variants.filter((one) => one.running);
    await this.all(() => ({ type: "pause" }));
    await this.free(going);
    await Promise.all(going.map((one) => one.rest()));
    if (!this.together || orders !== this.orders) return;
    this.gathering = new Gathering((one, n) => void one.ask({ type: "step", n, unit: "step" }));
    this.meet();
  }

  private ordered(): void {
    this.orders++;
    this.gathering = null;
  }

  private meet(): void {
    if (this.gathering?.look(this.variants, performance.now())) this.gathering = null;
  }

  private show(variants: Variant[], what = ""): void {
    this.clear();
    this.what = what;
    this.variants = variants;
    if (this.timer) variants.forEach((one) => one.connect());
  }

  private async all(order: (variant: number) => Parameters<Variant["ask"]>[0]): Promise<void> {
    await Promise.all(this.variants.map((one, i) => one.ask(order(i))));
    const refused = this.variants.find((one) => one.refused);
    if (refused) toasts.show(`${refused.label}: ${refused.refused ?? ""}`, "bad");
  }

  private async free(these: readonly Variant[]): Promise<void> {
    await Promise.all(these.map((one) => this.limit(one, null)));
  }

  private async limit(one: Variant, limit: number | null): Promise<void> {
    const near = limit !== null && one.limit !== null && Math.abs(limit - one.limit) < 0.05 * one.limit;
    if (limit === one.limit || near) return;
    one.limit = limit;
    await one.ask({ type: "speed", steps_per_second: limit });
  }

  private keepTogether(): void {
    this.meet();
    const allowed = this.together ? paces(this.variants) : [];
    this.variants.forEach((one, i) => void this.limit(one, allowed[i] ?? null));
  }
}

export const comparing = new Comparing();

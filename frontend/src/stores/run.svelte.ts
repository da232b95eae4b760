/** The run on screen: its state, what one can ask of it, and the connection behind both. */
import { type Answer, type Connection, LiveClient, type Options, type Order, type Reason } from "../protocol/client";
import { valueAt, withValue } from "../protocol/document";
import { probe } from "../protocol/probe";
import type {
  CheckReport,
  Choice,
  Experiment,
  Hello,
  LiveEvent,
  Network,
  NodeReport,
  Pulse,
  RunInfo,
  RunProblem,
} from "../protocol/types";
import { Changes, type Clash } from "./changes";
import { Checks } from "./checks";
import { clashes } from "./clashes.svelte";
import { connect, deliver, forget, refuse } from "./frames";
import { Heartbeat } from "./heartbeat";
import { metrics } from "./metrics";
import { asThen, liveAddress, standing, stateOf, base64, MOST_TRIES, NOWHERE, touched, UNBORN } from "./run-parts";
import { Commands } from "./run-commands.svelte";
import { time } from "./time.svelte";
import { toasts } from "./toasts.svelte";
import { storeUnsent, unsentOf } from "./unsent";

export type RunConnection = Connection;

class RunStore extends Commands {
  private shown = $state.raw<RunInfo | null>(null);
  /** Whether there is a run on screen: a signal of its own, for whom the hundredth edit of it is no news. */
  present = $state(false);
  report = $state.raw<CheckReport | null>(null);
  connection = $state<RunConnection>("connecting");
  /** Tries since the connection was lost, why it is, and when it was last good (milliseconds since 1970). */
  attempt = $state(0);
  reason = $state<Reason | null>(null);
  lastLive = $state(0);
  /** Changes that are sent when the connection is back. */
  unsent = $state(0);
  pulse = $state.raw<Pulse | null>(null);
  problem = $state.raw<RunProblem | null>(null);
  /** The newest test and training values, for whoever reads them aloud or in words. */
  readings = $state.raw<Record<string, number>>({});
  readOnly = $state(false);
  /** Said once after a worker was lost and the run came back by itself. */
  restored = $state<string | null>(null);
  /** An experiment that is being built and that nobody trains yet; `info` then describes it, without an id. */
  composing = $state(false);
  /** Advanced where another gesture begins: what is changed in one is taken back as one. */
  gesture = 0;
  /** Told of every setting that somebody changes here, for undo. */
  onset: ((path: string, before: unknown, value: unknown) => void) | null = null;

  /** Resolves when the run that was opened last has told everything about itself, or gives way to another. */
  known: Promise<void> = Promise.resolve();
  private greeted = (): void => undefined;

  private readonly seen = $derived(asThen(this.shown, time.then));

  /** What is seen of the run: of the step that is looked at, its network. */
  get info(): RunInfo | null {
    return this.seen;
  }

  set info(next: RunInfo | null) {
    this.shown = next;
    this.present = next !== null;
  }

  /** What is trained now, whichever step is looked at. */
  get trained(): Experiment | null {
    return this.shown?.experiment ?? null;
  }

  /** Whether the network on screen is an earlier one, which nobody can change. */
  readonly past = $derived(this.seen !== this.shown);

  private readonly checks = new Checks();
  private readonly heart = new Heartbeat((there) => this.heard(there));
  /** The document as the server last confirmed it. */
  private confirmed: { experiment: Experiment; revision: number } | null = null;
  private readonly changes = new Changes({
    confirmed: () => this.confirmed,
    adopt: (...known) => this.adopt(...known),
    ask: (order) => this.client?.ask(order) ?? Promise.reject(new Error("no run is open")),
    clash: (clash) => clashes.add(clash),
    refused: (message) => toasts.show(message, "bad"),
    keep: (list) => this.info && storeUnsent(this.info.id, list),
  });

  /** Shows a run: connects, and stays connected. */
  open(id: string, options: Options = {}): void {
    this.close();
    this.composing = false;
    this.info = null;
    this.clear();
    this.known = new Promise((resolve) => (this.greeted = resolve));
    const client = new LiveClient(
      liveAddress(id),
      {
        event: (event) => this.receive(event),
        frame: deliver,
        connection: (state, attempt, reason) => this.connected(state, attempt, reason),
        probe: (closely) => probe(id, closely),
      },
      options,
    );
    this.client = client;
    client.start();
  }

  private clear(): void {
    this.report = null;
    this.checks.forget();
    this.problem = null;
    this.pulse = null;
    this.restored = null;
    this.readings = {};
    this.confirmed = null;
    this.changes.clear();
    clashes.clear();
    metrics.cut(0);
    time.clear();
    forget();
  }

  /** While something is composed no connection says that the server is gone. */
  private heard(there: boolean): void {
    if (there && this.connection === "lost") void this.check();
    [this.connection, this.attempt] = there ? ["live", 0] : ["lost", this.attempt + 1];
    this.reason = there ? null : "cut";
    if (there) this.lastLive = Date.now();
  }

  close(): void {
    this.orders += 1;
    this.greeted();
    this.heart.stop();
    this.client?.stop();
    this.client = null;
    connect(null);
  }

  retryNow(): void {
    if (this.composing) void this.heart.now();
    else this.client?.retryNow();
  }

  /** Shows an experiment without training it: what `start` would make a run of. */
  compose(experiment: Experiment): void {
    if (!this.composing) {
      this.close();
      this.composing = true;
      this.connection = "live";
      this.clear();
      this.lastLive = Date.now();
      this.heart.start();
    }
    this.confirmed = { experiment, revision: 0 };
    this.info = { ...UNBORN, name: experiment.name, experiment };
    void this.check();
  }

  /** The page is looked at again, or has a network again. */
  wake(): void {
    this.client?.wake();
  }

  /** One's own picture, bytes 0..255 row by row; seen through watches with the source `mine`. */
  input(pixels: Uint8Array, shape: number[]): void {
    this.client?.send({ type: "input", pixels: base64(pixels), shape });
  }

  /**
   * Changes one value of the experiment, e.g. `training.optimizers.model.config.lr`. Shown at once; the newest value of
   * each place is sent. `began`: what the person saw there when they began, where that was not just now.
   */
  set(path: string, value: unknown, ...began: unknown[]): void {
    if (!this.shown) return;
    this.onset?.(path, valueAt(this.shown.experiment, path), value);
    this.seeNow();
    if (this.composing) {
      this.compose(withValue(this.shown.experiment, path, value));
      return;
    }
    if (!this.confirmed) return;
    clashes.drop(path);
    this.changes.put(path, value, ...began);
    this.unsent = this.changes.count;
    this.info = { ...this.shown, experiment: this.changes.over(this.confirmed.experiment) };
  }

  /** Ends a clash: one's own value over theirs, or theirs as it is. */
  settle(clash: Clash, mine: boolean): void {
    clashes.drop(clash.path);
    if (clash.settle) clash.settle(mine);
    else if (mine) this.set(clash.path, clash.mine);
  }

  /**
   * Replaces the network, and what reads its outputs, while it trains; layers that stay or come back keep their
   * weights. Answers `ack`, `problem` (with node and field) or `conflict` (with the document of now).
   */
  edit(network: Network, recipe: Choice): Promise<Answer> {
    return this.recast({ network, recipe });
  }

  /** Gives the run other data, with the network and recipe that suit them; weights that still fit stay. */
  async recast(parts: Pick<Experiment, "network"> & Partial<Experiment>): Promise<Answer> {
    if (this.composing && this.shown) {
      this.compose({ ...this.shown.experiment, ...parts });
      return { type: "ack", id: null, revision: 0, step: null };
    }
    const { network, data, recipe, training } = parts;
    const sections = { data: data ?? null, recipe: recipe ?? null, training: training ?? null };
    const answer = await this.revise(parts, (revision) => ({ type: "edit", network, ...sections, revision }));
    const revision = answer.type === "ack" ? (answer.revision ?? 0) : 0;
    // The document that came of it is announced before the answer; where it was not, nothing is lost either.
    if (answer.type === "ack" && this.confirmed && this.confirmed.revision < revision)
      this.adopt({ ...this.confirmed.experiment, ...parts }, revision);
    return answer;
  }

  private has(node: string | null): boolean {
    return node === null || (this.info?.experiment.network.nodes ?? []).some((one) => one.id === node);
  }

  /** What the check says about a node; undefined while unknown. */
  nodeReport(node: string): NodeReport | undefined {
    return this.report?.nodes.find((one) => one.id === node);
  }

  /** Output sizes of a node without the batch axis, e.g. [8, 28, 28]; empty while unknown. */
  shapeOf(node: string, port = "out"): (number | string)[] {
    return this.nodeReport(node)?.outputs[port]?.axes.map((axis) => axis.size) ?? [];
  }

  parametersOf(node: string): number {
    return this.nodeReport(node)?.parameters ?? 0;
  }

  /**
   * Asks for other sections of the document, after the changes that are on their way. Somebody else's change of other
   * sections stays and is no conflict; one of these sections is, and then nothing was changed.
   */
  private async revise(parts: Partial<Experiment>, order: (revision: number) => Order): Promise<Answer> {
    const client = this.client;
    const seen = this.shown?.experiment;
    if (!client || !seen) return { type: "problem", ...NOWHERE };
    this.seeNow();
    await this.changes.settled();
    for (let tries = 0; tries < MOST_TRIES && this.confirmed; tries += 1) {
      const { experiment, revision } = this.confirmed;
      if (touched(parts, seen, experiment)) return { type: "conflict", id: null, revision, experiment };
      const answer = await client.ask(order(revision));
      if (answer.type !== "conflict") return answer;
      this.adopt(answer.experiment, answer.revision);
    }
    return { type: "problem", ...NOWHERE };
  }

  private adopt(experiment: Experiment, revision: number): void {
    if (!this.shown) return;
    this.confirmed = { experiment, revision };
    this.info = { ...this.shown, experiment: this.changes.over(experiment), revision };
    void this.check();
  }

  private connected(state: Connection, attempt: number, reason: Reason | null): void {
    if (this.connection === "live" && state !== "live") this.lastLive = Date.now();
    this.connection = state;
    this.attempt = attempt;
    this.reason = reason;
    this.unsent = this.changes.count;
    const client = this.client;
    if (state !== "live") connect(null);
    if (state !== "live" || !client) return;
    // A new connection is a new client, which sees now until it says otherwise.
    if (time.looking !== null) void this.look(time.looking);
    connect({
      watch: (watch, request) => client.send({ type: "watch", watch, ...request }),
      unwatch: (watch) => client.send({ type: "unwatch", watch }),
    });
    void this.changes.send();
  }

  private receive(event: LiveEvent): void {
    switch (event.type) {
      case "hello":
        this.welcome(event);
        return;
      case "info":
        this.info = event.run;
        this.adopt(event.run.experiment, event.run.revision);
        this.problem = event.run.problem;
        return;
      case "metrics":
        metrics.append(event.series);
        this.read();
        return;
      case "state":
        if (!this.shown) return;
        this.info = { ...this.shown, ...stateOf(event) };
        this.problem = event.problem;
        // A pulse is sent by the clock; a pause between two of them would leave the step behind.
        if (this.pulse) this.pulse = { ...this.pulse, step: event.step, epoch: event.epoch };
        return;
      case "mark":
        metrics.mark(event.mark);
        if (event.mark.kind === "restored") this.restored = event.mark.label;
        return;
      case "experiment":
        this.adopt(event.experiment, event.revision);
        return;
      case "reset":
        metrics.cut(event.step, event.before);
        this.readings = {};
        this.read();
        this.problem = null;
        this.info = standing(this.shown, event.step);
        this.pulse = standing(this.pulse, event.step);
        return;
      case "curves":
        metrics.replace(event.series, event.marks);
        this.read();
        return;
      case "kept":
        time.learn(event, this.info?.id ?? "");
        return;
      case "looked":
        if (time.looking === event.step) time.then = event.experiment;
        void this.check();
        return;
      case "pulse":
        this.pulse = event;
        this.speedLimit = event.speed;
        return;
      case "problem":
        // Asked for just before the layer was removed: nobody misses its picture.
        if (event.code === "nothing-to-see" && (time.missed() || !this.has(event.node))) return;
        if (event.code === "nothing-to-see" && refuse(Number(event.field?.replace("watch:", "")), event.message))
          return;
        if (event.code === "not-kept") time.looking = null;
        void this.check();
        toasts.show(event.message, "bad");
        return;
      case "resumed":
      case "alive":
      case "ack":
      case "conflict":
        return;
      default:
        event satisfies never;
    }
  }

  private welcome(hello: Hello): void {
    const first = this.confirmed === null;
    this.info = hello.run;
    this.adopt(hello.run.experiment, hello.run.revision);
    this.problem = hello.run.problem;
    this.speedLimit = hello.speed;
    metrics.replace(hello.series, hello.marks);
    this.read();
    if (first) for (const { path, value, before } of unsentOf(hello.run.id)) this.changes.put(path, value, before);
    this.greeted();
  }

  private read(): void {
    this.readings = metrics.newest();
  }

  /** Something outside of the experiment changed: its data is here now. */
  recheck(): void {
    this.checks.forget();
    void this.check();
  }

  protected async check(): Promise<void> {
    if (this.info) await this.checks.of(this.info.experiment, (report) => (this.report = report));
  }
}

export const run = new RunStore();

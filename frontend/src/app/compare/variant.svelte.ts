/** One run among those that are compared: its own connection, curves and pictures. */
import { checkExperiment } from "../../protocol/api";
import { type Connection, LiveClient, type Order } from "../../protocol/client";
import { probe } from "../../protocol/probe";
import type { CheckReport, LiveEvent, RunInfo } from "../../protocol/types";
import { Streams } from "../../stores/frames";
import { Metrics } from "../../stores/metrics";
import { liveAddress, stateOf } from "../../stores/run-parts";
import type { Standing } from "./gather";

export class Variant implements Standing {
  info = $state.raw<RunInfo | null>(null);
  report = $state.raw<CheckReport | null>(null);
  step = $state(0);
  pace = $state(0);
  connection = $state<Connection>("connecting");
  /** What it refused last, in words. */
  refused = $state<string | null>(null);
  readonly streams = new Streams();
  readonly metrics = new Metrics();
  /** The limit that it was given last. */
  limit: number | null = null;
  /** It has told everything about itself, or nobody asks it any more. */
  readonly known: Promise<void>;
  private tell = (): void => undefined;
  private resting: (() => void)[] = [];
  private client: LiveClient | null = null;

  constructor(
    readonly id: string,
    readonly label: string,
  ) {
    this.known = new Promise((resolve) => (this.tell = resolve));
  }

  get running(): boolean {
    return this.info?.state === "running" || this.info?.state === "starting" || this.info?.state === "queued";
  }

  get paused(): boolean {
    return this.info?.state === "paused";
  }

  /** Resolves once it stands still, and its step is known. */
  rest(): Promise<void> {
    return this.running && this.client ? new Promise((resolve) => this.resting.push(resolve)) : Promise.resolve();
  }

  private rested(): void {
    const waiting = this.resting;
    this.resting = [];
    waiting.forEach((resolve) => resolve());
  }

  connect(): void {
    this.client ??= new LiveClient(liveAddress(this.id), {
      event: (event) => this.receive(event),
      frame: (frame) => this.streams.deliver(frame),
      connection: (state) => this.connected(state),
      probe: (closely) => probe(this.id, closely),
    });
    this.client.start();
  }

  leave(): void {
    this.streams.connect(null);
    this.client?.stop();
    this.client = null;
    this.tell();
    this.rested();
  }

  async ask(order: Order): Promise<boolean> {
    const answer = await this.client?.ask(order);
    this.refused = answer?.type === "problem" ? answer.message : null;
    return answer?.type === "ack";
  }

  private connected(state: Connection): void {
    this.connection = state;
    const client = this.client;
    if (state !== "live" || !client) this.streams.connect(null);
    else
      this.streams.connect({
        watch: (watch, request) => client.send({ type: "watch", watch, ...request }),
        unwatch: (watch) => client.send({ type: "unwatch", watch }),
      });
  }

  private receive(event: LiveEvent): void {
    switch (event.type) {
      case "hello":
        this.metrics.replace(event.series, event.marks);
        this.take(event.run);
        this.tell();
        return;
      case "info":
        this.take(event.run);
        return;
      case "experiment":
        if (this.info) this.take({ ...this.info, experiment: event.experiment });
        return;
      case "state":
        if (this.info) this.info = { ...this.info, ...stateOf(event) };
        this.step = event.step;
        if (!this.running) this.rested();
        return;
      case "metrics":
        this.metrics.append(event.series);
        return;
      case "curves":
        this.metrics.replace(event.series, event.marks);
        return;
      case "reset":
        this.metrics.cut(event.step, event.before);
        this.step = event.step;
        return;
      case "pulse":
        [this.step, this.pace] = [event.step, event.steps_per_second];
        return;
      case "problem":
        this.refused = event.message;
        return;
      default: // the rest is about looking at one run closely
    }
  }

  private take(info: RunInfo): void {
    const other = JSON.stringify(this.info?.experiment) !== JSON.stringify(info.experiment);
    this.info = info;
    this.step = info.step;
    if (other) void checkExperiment(info.experiment).then((report) => (this.report = report));
  }
}

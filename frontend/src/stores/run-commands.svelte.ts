/** What one can ask of the run on screen. */
import type { LiveClient, Order } from "../protocol/client";
import { time } from "./time.svelte";
import { toasts } from "./toasts.svelte";

export abstract class Commands {
  speedLimit = $state<number | null>(null);

  /** Advanced by what somebody orders of the training, and by another run: what was begun before must not overrule it. */
  orders = 0;

  protected client: LiveClient | null = null;

  /** What the check says of the network on screen changes with the step that is looked at. */
  protected abstract check(): Promise<void>;

  run(): Promise<boolean> {
    return this.order({ type: "run" });
  }

  pause(): Promise<boolean> {
    return this.order({ type: "pause" });
  }

  /** Trains n steps or epochs, then pauses. */
  step(n: number, unit: "step" | "epoch"): Promise<boolean> {
    return this.order({ type: "step", n, unit });
  }

  /** Back to step 0, with the same weights as at the start or (`reinitialise`) with new ones. */
  reset(reinitialise: boolean): Promise<boolean> {
    return this.order({ type: "reset", reinitialise });
  }

  /** At most so many steps a second; null: as fast as it goes. */
  speed(stepsPerSecond: number | null): Promise<boolean> {
    this.speedLimit = stepsPerSecond;
    return this.ask({ type: "speed", steps_per_second: stepsPerSecond });
  }

  /** Changes one weight or bias of a node by hand, at `index`, e.g. [unit, input], and `more` in the places behind it. */
  assign(node: string, parameter: string, index: number[], value: number, more: number[] = []): Promise<boolean> {
    this.seeNow();
    return this.ask({ type: "assign", node, parameter, index, value, more, revision: null });
  }

  /** Every picture shows the kept step nearest to this one (null: now); the step that it is. */
  async look(step: number | null): Promise<number | null> {
    if (step === null) time.looking = null;
    void this.check();
    const answer = await this.client?.ask({ type: "look", step });
    if (answer?.type === "problem") toasts.show(answer.message, "bad");
    return answer?.type === "ack" ? (answer.step ?? null) : null;
  }

  protected seeNow(): void {
    if (time.looking !== null) void this.look(null); // what somebody changes is seen
  }

  /** Back to a kept step and its document, or to the end of what was set aside as a branch. */
  rewind(step: number, branch = 0): Promise<boolean> {
    return this.order({ type: "rewind", step, branch });
  }

  private order(order: Order): Promise<boolean> {
    this.orders += 1;
    return this.ask(order);
  }

  private async ask(order: Order): Promise<boolean> {
    if (!this.client) return false;
    const answer = await this.client.ask(order);
    if (answer.type === "problem") toasts.show(answer.message, "bad");
    return answer.type === "ack";
  }
}

/**
 * The network being edited. While it fits together it is the run's own network: an edit is checked and then sent.
 * One that does not fit is kept here as a draft, the run goes on with the last good one, and it is sent by itself as
 * soon as it checks. Undo and redo cover every change, settings included.
 */
import { ApiError, checkExperiment } from "../protocol/api";
import { withValue } from "../protocol/document";
import type { CheckReport, Experiment, NodeReport, Problem } from "../protocol/types";
import { catalogue } from "../stores/catalogue.svelte";
import { clashes } from "../stores/clashes.svelte";
import { run } from "../stores/run.svelte";
import { networkChanges } from "../stores/words";
import { selection } from "../stores/selection.svelte";
import { toasts } from "../stores/toasts.svelte";
import type { Positions } from "./core/clipboard";
import { History } from "./core/history";
import type { Network, Node, PortsOf, Result } from "./core/network";
import { recipeAfter } from "./core/outputs";
import type { Change, Options } from "./steps";
import { type Draft, draftFrom, draftOf, learner, sameLearner, storeDraft } from "./drafts";

/** The part of `view.panels` that is the editor's. */
const PANEL = "editor";
const NETWORK = "network";

class EditorDocument {
  /** Differs from what the run trains; null while they are the same. */
  draft = $state.raw<Experiment | null>(null);
  private draftReport = $state.raw<CheckReport | null>(null);
  /** What the run trained when the draft began: what differs from it there now, somebody else has changed. */
  private base: Experiment | null = null;
  /** A draft of this run from before the page was loaded again, until somebody decides about it. */
  earlier = $state.raw<Draft | null>(null);
  /** Why the server did not take a draft that checks. */
  refused = $state<string | null>(null);
  /** Changes with every step, so that buttons know what can be undone. */
  revision = $state(0);

  private readonly history = new History<Change>();
  private of = "";
  private syncing = false;
  private quiet = false;

  get experiment(): Experiment | null {
    return this.draft ?? run.info?.experiment ?? null;
  }

  get network(): Network {
    return this.experiment?.network ?? { nodes: [], edges: [], parts: {} };
  }

  get report(): CheckReport | null {
    return this.draft ? (this.draftReport ?? run.report) : run.report;
  }

  get positions(): Positions {
    return (this.experiment?.view.positions ?? {}) as Positions;
  }

  get collapsed(): readonly string[] {
    const kept = this.experiment?.view.panels[PANEL]?.["collapsed"];
    return Array.isArray(kept) ? kept.map(String) : [];
  }

  get problems(): readonly Problem[] {
    return this.report?.problems ?? [];
  }

  /** Every card and its ports ask: it must not hang on the document, which changes with every keystroke. */
  readonly locked = $derived(run.readOnly || !run.present || run.past);

  private readonly reports = $derived(new Map((this.report?.nodes ?? []).map((node) => [node.id, node])));

  nodeReport(id: string): NodeReport | undefined {
    return this.reports.get(id);
  }

  /** Ports as the last check found them, or those of the kind with its usual settings. */
  readonly portsOf: PortsOf = (node: Node) => {
    const report = this.nodeReport(node.id);
    const entry = catalogue.find("layers", node.kind);
    const inputs = report?.input_ports.length ? report.input_ports : (entry?.inputs ?? []);
    const outputs = report?.output_ports.length ? report.output_ports : (entry?.outputs ?? []);
    return { inputs, outputs };
  };

  get undoLabel(): string | null {
    void this.revision;
    return this.history.undoLabel;
  }

  get redoLabel(): string | null {
    void this.revision;
    return this.history.redoLabel;
  }

  /** Carries an operation of the core out; says why not where it refuses. True if something changed. */
  apply(label: string, result: Result & { positions?: Positions }, options: Options = {}): boolean {
    const experiment = this.experiment;
    if (!experiment || this.locked) return false;
    if (result.reason !== undefined) {
      toasts.show(result.reason, "bad");
      return false;
    }
    const recipe = options.recipe ?? recipeAfter(experiment.network, result.network, experiment.recipe);
    const positions = options.positions ?? (result.positions ? { ...this.positions, ...result.positions } : undefined);
    const next: Change = { network: result.network, recipe };
    const before: Change = learner(experiment);
    if (positions) {
      next.positions = positions;
      before.positions = this.positions;
    }
    if (options.collapsed) {
      next.collapsed = options.collapsed;
      before.collapsed = this.collapsed;
    }
    this.push(label, before, next, options.key);
    this.put(next);
    selection.selectAll(result.select.filter((id) => result.network.nodes.some((node) => node.id === id)));
    return true;
  }

  /** Replaces the whole experiment that is being composed. */
  compose(label: string, experiment: Experiment): void {
    const before = this.experiment;
    if (run.composing && before) this.push(label, { experiment: before }, { experiment });
    this.put({ experiment });
    selection.selectAll([]);
  }

  move(positions: Positions): void {
    this.push("Move", { positions: this.positions }, { positions });
    this.put({ positions });
  }

  collapse(names: readonly string[]): void {
    this.push("Collapse or expand", { collapsed: this.collapsed }, { collapsed: names });
    this.put({ collapsed: names });
  }

  undo(): void {
    const step = this.history.undo();
    if (!step) return;
    this.put(step.before, step.after);
    this.settle(`Undone: ${step.label}`);
  }

  redo(): void {
    const step = this.history.redo();
    if (!step) return;
    this.put(step.after, step.before);
    this.settle(`Done again: ${step.label}`);
  }

  /** Back to what the run trains. */
  discard(): void {
    const experiment = run.trained;
    if (!this.draft || !experiment) return;
    clashes.drop(NETWORK);
    this.push("Discard the draft", learner(this.draft), learner(experiment));
    this.put(learner(experiment));
  }

  /** Follows the run on screen: another run has a history of its own. */
  follow(id: string): void {
    if (id === this.of) return;
    this.of = id;
    this.draft = null;
    this.base = null;
    this.draftReport = null;
    this.refused = null;
    this.history.clear();
    this.revision += 1;
    this.earlier = draftOf(id, run.trained ?? undefined);
  }

  /** Lets the draft outlive a reload of the page; to be called whenever it changes. */
  keepDraft(): void {
    if (this.of) storeDraft(this.of, this.draft ? draftFrom(this.draft, this.base) : this.earlier);
  }

  /** Goes on with the draft from before: where the run was changed meanwhile, both are put together as always. */
  takeUp(): void {
    const { earlier, experiment } = this;
    this.earlier = null;
    if (!earlier || !experiment) return;
    this.push("Take the draft up", learner(experiment), learner(earlier));
    this.put(learner(earlier), earlier.base);
  }

  /** Keeps what a slider elsewhere on the page has just set. */
  remember(path: string, before: unknown, value: unknown): void {
    if (this.draft) this.draft = withValue(this.draft, path, value);
    if (this.base) this.base = withValue(this.base, path, value);
    if (this.quiet || before === value) return;
    const name = path.split(".").at(-1) ?? path;
    this.push(
      name.replaceAll("_", " "),
      { set: { path, value: before } },
      { set: { path, value } },
      `${path}#${run.gesture}`,
    );
  }

  /** Keeps something that was done elsewhere on the page, and how it is undone and done again. */
  did(label: string, undo: () => void, redo: () => void): void {
    this.push(label, { act: undo }, { act: redo });
  }

  private push(label: string, before: Change, after: Change, key?: string): void {
    const network = after.network ?? after.experiment?.network;
    // Unchanged layers are shared between the steps: a step holds its lists and what changed.
    const bytes = 512 + (network ? 8 * (network.nodes.length + network.edges.length) : 0);
    this.history.push(label, before, after, { bytes, ...(key === undefined ? {} : { key }) });
    this.revision += 1;
  }

  private settle(said: string): void {
    this.revision += 1;
    selection.selectAll(selection.nodes.filter((id) => this.network.nodes.some((node) => node.id === id)));
    this.said = said;
  }

  /** Read aloud by the page. */
  said = $state("");

  /** `from`: what an undo takes back; where something else stands there now, it is somebody else's. */
  private put(change: Change, from?: Change): void {
    if (change.act) {
      change.act();
      return;
    }
    if (change.set) {
      this.quiet = true;
      if (from?.set) run.set(change.set.path, change.set.value, from.set.value);
      else run.set(change.set.path, change.set.value);
      this.quiet = false;
      return;
    }
    const current = this.experiment;
    if (change.experiment) {
      run.compose(change.experiment);
      return;
    }
    if (!current) return;
    let { view } = current;
    if (change.positions) view = { ...view, positions: change.positions };
    if (change.collapsed) {
      const kept = { ...view.panels[PANEL], collapsed: [...change.collapsed] };
      view = { ...view, panels: { ...view.panels, [PANEL]: kept } };
    }
    const next: Experiment = {
      ...current,
      network: change.network ?? current.network,
      recipe: change.recipe ?? current.recipe,
      view,
    };
    if (run.composing) {
      run.compose(next);
      return;
    }
    if (change.positions) this.setQuietly("view.positions", change.positions);
    if (change.collapsed) this.setQuietly(`view.panels.${PANEL}`, view.panels[PANEL]);
    if (!change.network && !change.recipe) {
      if (this.draft) this.draft = next;
      return;
    }
    this.refused = null;
    const { trained } = run;
    if (!this.draft) this.base = trained;
    if (!this.draft && trained && from?.network)
      this.base = { ...trained, network: from.network, recipe: from.recipe ?? trained.recipe };
    this.draft = next;
    void this.sync();
  }

  private setQuietly(path: string, value: unknown): void {
    this.quiet = true;
    run.set(path, value);
    this.quiet = false;
  }

  /** What the server offers for the network as it is now. */
  async offers(): Promise<CheckReport["suggestions"]> {
    for (;;) {
      const { experiment } = this;
      if (!experiment) return [];
      try {
        const report = await checkExperiment(experiment);
        if (this.experiment === experiment) return report.suggestions;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        toasts.show(error.message, "bad");
        return [];
      }
    }
  }

  /** Checks the newest draft and sends it when it fits; one round at a time, the newest counts. */
  private async sync(): Promise<void> {
    if (this.syncing) return;
    this.syncing = true;
    let seen: Experiment | null = null;
    while (this.draft && this.draft !== seen) {
      seen = this.draft;
      this.refused = null;
      const { trained } = run;
      if (trained && sameLearner(trained, seen)) {
        this.dropped();
        break;
      }
      try {
        const report = await checkExperiment(seen);
        this.draftReport = report;
        if (this.draft === seen && report.ok) await this.send(seen);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        this.refused = error.message;
      }
    }
    this.syncing = false;
  }

  private dropped(): void {
    this.draft = null;
    this.base = null;
    this.refused = null;
    clashes.drop(NETWORK);
  }

  private async send(seen: Experiment): Promise<void> {
    const of = this.of;
    const { trained } = run;
    if (trained && this.base && !sameLearner(this.base, trained)) return this.meet(seen, this.base, trained);
    const answer = await run.edit(seen.network, seen.recipe);
    if (this.of !== of) return;
    // Changed again on the way (an undo, say): what was taken is one's own, and the next change begins from it.
    if (this.draft !== seen) this.base = answer.type === "ack" && this.draft ? seen : this.base;
    else if (answer.type === "ack") this.dropped();
    else if (answer.type === "problem") this.refused = answer.message;
    else await this.meet(seen, this.base ?? answer.experiment, answer.experiment);
  }

  /** Somebody else changed the network since the draft began: both are kept where they do not touch, else it is asked. */
  private async meet(mine: Experiment, before: Experiment, theirs: Experiment): Promise<void> {
    const { merge } = await import("./core/merge");
    const merged = merge(before, mine, theirs);
    const together = merged && { ...theirs, ...merged, view: mine.view };
    const fits = together !== null && (await checkExperiment(together)).ok;
    if (this.draft !== mine) return;
    if (fits) {
      this.base = theirs;
      this.draft = together;
      const what = (networkChanges(before.network, theirs.network) ?? []).join(", ");
      toasts.show(`Put together with a change from another window: ${what || "the recipe"}.`);
      return;
    }
    this.refused = "Another window has changed the same part of the network.";
    clashes.add({
      path: NETWORK,
      mine: mine.network,
      theirs: theirs.network,
      before: before.network,
      settle: (keep) => (keep ? this.again() : this.discard()),
      over: (experiment) => ({ ...experiment, network: mine.network, recipe: mine.recipe }),
    });
  }

  /** The connection is back: a draft that could not be sent is sent, unless somebody has to decide first. */
  resume(): void {
    if (!this.draft || clashes.has(NETWORK)) return;
    this.draft = { ...this.draft };
    void this.sync();
  }

  /** Sends the draft once more, over what came from elsewhere. */
  again(): void {
    if (!this.draft) return;
    this.refused = null;
    this.base = run.trained;
    this.draft = { ...this.draft };
    void this.sync();
  }
}

export const editor = new EditorDocument();

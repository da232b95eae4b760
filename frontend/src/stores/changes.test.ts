import { beforeEach, expect, test } from "vitest";

import type { Answer, Order } from "../protocol/client";
import { valueAt, withValue } from "../protocol/document";
import type { Experiment } from "../protocol/types";
import { Changes, type Clash } from "./changes";
import type { Unsent } from "./unsent";

const LR = "training.optimizers.model.config.lr";
const SIZE = "data.batch_size";

/** A server with one document; its answers can be held back. */
class Server {
  experiment = {
    name: "e",
    data: { batch_size: 32 },
    training: { optimizers: { model: { kind: "sgd", config: { lr: 0.1 } } } },
  } as unknown as Experiment;
  revision = 0;
  reachable = true;
  orders: Order[] = [];
  /** Called between a command's arrival and its answer. */
  meanwhile: (() => void) | null = null;

  change(path: string, value: unknown): void {
    this.experiment = withValue(this.experiment, path, value);
    this.revision += 1;
  }
  async answer(order: Order): Promise<Answer> {
    this.orders.push(order);
    await Promise.resolve();
    if (!this.reachable) return { type: "problem", id: 1, code: "not-connected", message: "", node: null, field: null };
    if (order.type !== "set") throw new Error(order.type);
    if (order.revision !== this.revision)
      return { type: "conflict", id: 1, revision: this.revision, experiment: this.experiment };
    this.change(order.path, order.value);
    told(this.experiment, this.revision);
    this.meanwhile?.();
    return { type: "ack", id: 1, revision: this.revision, step: null };
  }
}

let server: Server;
let confirmed: { experiment: Experiment; revision: number };
let clashes: Clash[];
let refusals: string[];
let kept: Unsent[];
let changes: Changes;

/** What the page hears of a document. */
function told(experiment: Experiment, revision: number): void {
  confirmed = { experiment, revision };
}
const settled = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};
const shown = (path: string): unknown => valueAt(changes.over(confirmed.experiment), path);

beforeEach(() => {
  server = new Server();
  told(server.experiment, 0);
  clashes = [];
  refusals = [];
  kept = [];
  changes = new Changes({
    confirmed: () => confirmed,
    adopt: told,
    ask: (order) => server.answer(order),
    clash: (clash) => clashes.push(clash),
    refused: (message) => refusals.push(message),
    keep: (list) => (kept = list),
  });
});

test("changes are shown at once and sent one after another, the newest of each place", async () => {
  for (const value of [0.2, 0.3, 0.4]) changes.put(LR, value);
  changes.put(SIZE, 64);
  expect([shown(LR), shown(SIZE)]).toEqual([0.4, 64]);
  await settled();
  const sent = server.orders.map((order) => (order.type === "set" ? [order.path, order.value, order.revision] : null));
  expect(sent).toEqual([
    [LR, 0.2, 0],
    [LR, 0.4, 1],
    [SIZE, 64, 2],
  ]);
  expect([clashes, changes.count, valueAt(server.experiment, LR)]).toEqual([[], 0, 0.4]);
});

test("somebody else's change of another place is kept beside mine", async () => {
  server.change(SIZE, 128);
  changes.put(LR, 0.2);
  await settled();
  expect([valueAt(server.experiment, LR), valueAt(server.experiment, SIZE), clashes]).toEqual([0.2, 128, []]);
});

test("the same place changed twice is a clash, and theirs stands until the person decides", async () => {
  server.change(LR, 0.5);
  changes.put(LR, 0.2);
  await settled();
  expect(clashes).toEqual([{ path: LR, mine: 0.2, theirs: 0.5, before: 0.1 }]);
  expect([valueAt(server.experiment, LR), shown(LR)]).toEqual([0.5, 0.5]);
  changes.put(LR, 0.2);
  await settled();
  expect([valueAt(server.experiment, LR), clashes.length]).toEqual([0.2, 1]);
});

test("a change made without a connection is kept, and never sent over a newer one", async () => {
  server.reachable = false;
  changes.put(LR, 0.2);
  changes.put(SIZE, 64);
  await settled();
  expect([shown(LR), changes.count]).toEqual([0.2, 2]);
  server.reachable = true;
  server.change(LR, 0.7);
  told(server.experiment, server.revision);
  void changes.send();
  await settled();
  expect(clashes).toEqual([{ path: LR, mine: 0.2, theirs: 0.7, before: 0.1 }]);
  expect([valueAt(server.experiment, LR), valueAt(server.experiment, SIZE)]).toEqual([0.7, 64]);
});

test("my own change that arrived before the connection was lost is no clash", async () => {
  server.meanwhile = () => (server.reachable = false);
  const answer = server.answer.bind(server);
  server.answer = async (order) => {
    const given = await answer(order);
    return server.reachable
      ? given
      : { type: "problem", id: 1, code: "not-connected", message: "", node: null, field: null };
  };
  changes.put(LR, 0.2);
  changes.put(LR, 0.3);
  await settled();
  expect(valueAt(server.experiment, LR)).toBe(0.2);
  server.meanwhile = null;
  server.reachable = true;
  void changes.send();
  await settled();
  expect([clashes, valueAt(server.experiment, LR), changes.count]).toEqual([[], 0.3, 0]);
});

test("what was begun before somebody else's change clashes with it: a name being typed, an undo", async () => {
  server.change("name", "theirs");
  told(server.experiment, server.revision);
  changes.put("name", "mine", "e");
  await settled();
  expect(clashes).toEqual([{ path: "name", mine: "mine", theirs: "theirs", before: "e" }]);
  expect(server.experiment.name).toBe("theirs");
});

test("how things lie on the page is put together without a question", async () => {
  const at = (x: number): number[] => [x, 0];
  server.change("view", { positions: { a: at(0), b: at(0), c: at(0) } });
  told(server.experiment, server.revision);
  server.reachable = false;
  changes.put("view.positions", { a: at(1), b: at(0), c: at(0) });
  await settled();
  server.reachable = true;
  server.change("view.positions", { a: at(0), b: at(2) });
  told(server.experiment, server.revision);
  void changes.send();
  await settled();
  expect([valueAt(server.experiment, "view.positions"), clashes]).toEqual([{ a: at(1), b: at(2) }, []]);
});

test("what is not confirmed is kept beyond the page, with what it began from, and forgotten when it is", async () => {
  server.reachable = false;
  changes.put(LR, 0.2);
  changes.put(LR, 0.3);
  changes.put(SIZE, 64);
  await settled();
  const unsent = [
    { path: LR, value: 0.3, before: 0.1 },
    { path: SIZE, value: 64, before: 32 },
  ];
  expect(kept).toHaveLength(2);
  expect(kept).toEqual(expect.arrayContaining(unsent));
  // The page is loaded again: another one puts what was kept, and a change of somebody else is still no victim.
  server.reachable = true;
  server.change(LR, 0.9);
  told(server.experiment, server.revision);
  for (const { path, value, before } of unsent) changes.put(path, value, before);
  await settled();
  expect(clashes.map(({ path, mine, theirs }) => [path, mine, theirs])).toEqual([[LR, 0.3, 0.9]]);
  expect([valueAt(server.experiment, SIZE), kept]).toEqual([64, []]);
});

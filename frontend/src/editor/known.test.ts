import { expect, test } from "vitest";

import type { Node, NodeReport } from "../protocol/types";
import { Known } from "./known";

const node = (id: string, kind = "linear"): Node => ({ id, kind, config: {} }) as unknown as Node;
const report = (id: string, size?: number): NodeReport =>
  ({
    id,
    parameters: size ?? 0,
    outputs: size ? { out: { axes: [{ name: "C", size }] } } : {},
  }) as unknown as NodeReport;

function learnt(known: Known, nodes: Node[], reports: NodeReport[]): void {
  known.learn(nodes, (id) => reports.find((one) => one.id === id));
}

test("what comes after a layer that does not fit keeps what was known of it, and says so", () => {
  const known = new Known();
  const good = [report("a", 8), report("b", 4)];
  learnt(known, [node("a"), node("b")], good);
  learnt(known, [node("a"), node("b")], [report("a", 9), report("b")]);
  expect(known.of("a")).toEqual({ report: report("a", 9), stale: false });
  expect(known.of("b")).toEqual({ report: good[1], stale: true });
  learnt(known, [node("a"), node("b")], good);
  expect(known.of("b")).toEqual({ report: good[1], stale: false });
});

test("a layer of which nothing was ever known, that is gone, or that is of another kind now is told as unknown", () => {
  const known = new Known();
  learnt(known, [node("a"), node("b")], [report("a", 8), report("b")]);
  expect(known.of("b")).toEqual({ report: report("b"), stale: false });
  learnt(known, [node("a", "conv2d"), node("b")], [report("a"), report("b")]);
  expect(known.of("a")).toEqual({ report: report("a"), stale: false });
  learnt(known, [], []);
  expect(known.of("a")).toEqual({ report: undefined, stale: false });
});

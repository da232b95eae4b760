import { expect, test } from "vitest";

import type { RunInfo } from "../../protocol/types";
import { named, outcome, question } from "./removal";

const run = (id: string, step = 3, state = "parked"): RunInfo =>
  ({ id, name: id.toUpperCase(), step, state }) as unknown as RunInfo;

test("the question names what would be gone, and counts the rest", () => {
  expect(named([run("a")])).toBe("“A” (step 3)");
  expect(named([run("a"), run("b", 4)])).toBe("“A” (step 3) and “B” (step 4)");
  const six = ["a", "b", "c", "d", "e", "f"].map((id) => run(id));
  expect(named(six)).toBe("“A” (step 3), “B” (step 3), “C” (step 3), “D” (step 3) and 2 more");
  expect(question([run("a", 1, "running")])).toContain("One of them trains now");
  expect(question(six)).toMatch(/^Delete 6 runs for good/);
});

test("what stays is told with its reason", () => {
  const kept = [{ run: "b", code: "open", reason: "It is open in a page." }];
  expect(outcome({ runs: ["a"], kept }, [run("a"), run("b")])).toBe("1 run deleted. “B”: It is open in a page.");
  expect(outcome({ runs: [], kept }, [])).toBe("Nothing was deleted. “b”: It is open in a page.");
});

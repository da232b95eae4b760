// @vitest-environment jsdom
import { beforeEach, expect, it } from "vitest";

import { chain } from "./core/fakes";
import { type Draft, draftOf, storeDraft } from "./drafts";

const recipe = { kind: "supervised", config: {} };
const draft = (...ids: string[]): Draft => ({
  network: chain(...ids),
  recipe,
  base: { network: chain("input"), recipe },
});

const trained = { network: chain("input", "relu"), recipe };

beforeEach(() => sessionStorage.clear());

it("keeps one draft for each run until it is forgotten", () => {
  storeDraft("a", draft("input", "one"));
  storeDraft("b", draft("input"));
  storeDraft("a", draft("input", "two"));
  expect(draftOf("a", trained)).toEqual(draft("input", "two"));
  expect(draftOf("a", draft("input", "two"))).toBeNull();
  storeDraft("a", null);
  expect(draftOf("a", trained)).toBeNull();
  expect(draftOf("b", trained)).toEqual(draft("input"));
});

it("reads nothing that is no draft", () => {
  for (const text of ["{", "3", "null", "{}", '{"network": {"nodes": []}}']) {
    sessionStorage.setItem("torchglass.draft.a", text);
    expect(draftOf("a", trained)).toBeNull();
  }
});

it("has bounds: the drafts of other runs give way, and one that is far too large is not kept", () => {
  const long = (run: string): Draft => draft("input", run + "x".repeat(700_000));
  for (const run of "abcdefghij") storeDraft(run, long(run));
  expect(draftOf("j", trained)).toEqual(long("j"));
  const total = Object.keys(sessionStorage).reduce((sum, key) => sum + (sessionStorage.getItem(key)?.length ?? 0), 0);
  expect(total).toBeLessThan(6_000_000);
  storeDraft("j", draft("x".repeat(2_000_000)));
  expect(draftOf("j", trained)).toBeNull();
});

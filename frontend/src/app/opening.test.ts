// @vitest-environment jsdom
import { describe, expect, it } from "vitest";

import { toFragment } from "../sharing/link";
import type { Experiment } from "../protocol/types";
import { looksLikeExperiment } from "./importing";
import { documentIn } from "./opening";

const DOCUMENT = { version: 1, data: { kind: "iris" }, network: { nodes: [] }, recipe: { kind: "supervised" } };

describe("an experiment in text", () => {
  it("is taken plain, wrapped as a preset, and as a link", async () => {
    const fragment = await toFragment(DOCUMENT as unknown as Experiment);
    for (const text of [
      JSON.stringify(DOCUMENT),
      JSON.stringify({ id: "iris", experiment: DOCUMENT }),
      ` http://127.0.0.1:8000/${fragment}\n`,
    ]) {
      expect(looksLikeExperiment(text) || text.includes('"id"')).toBe(true);
      expect(await documentIn(text)).toEqual(DOCUMENT);
    }
  });

  it.each(["hello", "{", "[]", "null", "3", '{"nodes": []}', '{"experiment": 5}'])(
    "%s is none, said in words",
    async (text) => {
      await expect(documentIn(text)).rejects.toThrow(/^This is not an experiment/);
    },
  );

  it("is not a piece of a network, nor words", () => {
    expect(looksLikeExperiment(JSON.stringify(DOCUMENT))).toBe(true);
    expect(looksLikeExperiment('{"nodes": [], "edges": []}')).toBe(false);
    expect(looksLikeExperiment("the network learns")).toBe(false);
    expect(looksLikeExperiment("see #experiment= in the manual")).toBe(false);
  });

  it("has bounds", async () => {
    await expect(documentIn(" ".repeat(1024 * 1024 + 1))).rejects.toThrow("larger");
  });
});

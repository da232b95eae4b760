import { describe, expect, it } from "vitest";

import { documentIn, looksLikeExperiment } from "./importing";

const DOCUMENT = { version: 1, data: { kind: "iris" }, network: { nodes: [] }, recipe: { kind: "supervised" } };

describe("an experiment in text", () => {
  it("is taken plain and wrapped as a preset", () => {
    expect(documentIn(JSON.stringify(DOCUMENT))).toEqual(DOCUMENT);
    expect(documentIn(JSON.stringify({ id: "iris", experiment: DOCUMENT }))).toEqual(DOCUMENT);
  });

  it.each(["hello", "{", "[]", "null", "3", '{"nodes": []}', '{"experiment": 5}'])(
    "%s is none, said in words",
    (text) => {
      expect(() => documentIn(text)).toThrow(/^This is not an experiment/);
    },
  );

  it("is not a piece of a network, nor words", () => {
    expect(looksLikeExperiment(JSON.stringify(DOCUMENT))).toBe(true);
    expect(looksLikeExperiment('{"nodes": [], "edges": []}')).toBe(false);
    expect(looksLikeExperiment("the network learns")).toBe(false);
  });

  it("has bounds", () => {
    expect(() => documentIn(" ".repeat(1024 * 1024 + 1))).toThrow("larger");
  });
});

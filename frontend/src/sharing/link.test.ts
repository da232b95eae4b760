import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";

import type { Experiment } from "../protocol/types";
import { fromLink, MOST_BYTES, toFragment } from "./link";

const DOCUMENT = {
  version: 1,
  name: "<b>Ünïcode</b> 网络 \u202e",
  seed: 42,
  data: { kind: "iris", config: {} },
  network: { nodes: Array.from({ length: 60 }, (_, i) => ({ id: `conv${i}`, kind: "conv2d" })) },
} as unknown as Experiment;

const linkOf = (bytes: Uint8Array): string => {
  const data = Buffer.from(bytes).toString("base64url");
  return `http://127.0.0.1:8000/#experiment=1.${data.length}.${data}`;
};

describe("a link", () => {
  it("brings the experiment back, seed and all, wherever it stands in a text", async () => {
    const fragment = await toFragment(DOCUMENT);
    expect(fragment).toMatch(/^#experiment=1\.\d+\.[\w-]+$/);
    expect(fragment.length).toBeLessThan(JSON.stringify(DOCUMENT).length);
    expect(await fromLink(fragment)).toEqual(DOCUMENT);
    expect(await fromLink(`Look at http://lab:9/${fragment}). It learns!`)).toEqual(DOCUMENT);
  });

  it("that was cut is refused with what is missing, wherever the cut is", async () => {
    const fragment = await toFragment(DOCUMENT);
    for (const part of [0.3, 0.5, 0.9]) {
      const cut = fragment.slice(0, Math.round(fragment.length * part));
      await expect(fromLink(cut)).rejects.toThrow(/cut off: \d+ of its \d+ characters/);
    }
    await expect(fromLink(fragment.slice(0, -1))).rejects.toThrow("cut off");
    await expect(fromLink(fragment.slice(0, 13))).rejects.toThrow("holds no experiment");
  });

  it("that was changed on the way is refused", async () => {
    const fragment = await toFragment(DOCUMENT);
    const at = fragment.length - 40;
    const other = fragment[at] === "A" ? "B" : "A";
    await expect(fromLink(fragment.slice(0, at) + other + fragment.slice(at + 1))).rejects.toThrow("damaged");
    await expect(fromLink("#experiment=1.3.eJx")).rejects.toThrow("damaged");
    await expect(fromLink("#experiment=1.1.e")).rejects.toThrow("damaged");
    await expect(fromLink(linkOf(deflateSync("no JSON")))).rejects.toThrow("damaged");
    await expect(fromLink(linkOf(deflateSync(Buffer.from([0x22, 0xff, 0x22]))))).rejects.toThrow("damaged");
  });

  it("of a newer program says so", async () => {
    await expect(fromLink("#experiment=2.4.abcd")).rejects.toThrow("newer Torchglass (format 2");
  });

  it("that is a bomb is not inflated", async () => {
    const bomb = linkOf(deflateSync(Buffer.alloc(40 * MOST_BYTES, 0x20)));
    expect(bomb.length).toBeLessThan(60_000);
    const before = process.memoryUsage().arrayBuffers;
    await expect(fromLink(bomb)).rejects.toThrow("more than an experiment can be");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MOST_BYTES);
    await expect(fromLink("#experiment=1.99999999.abc")).rejects.toThrow("more than an experiment can be");
  });
});

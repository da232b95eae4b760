import { expect, it } from "vitest";

import { crc32, zip } from "./zip";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it("computes the checksum that every reader of a zip expects", () => {
  expect(crc32(bytes("123456789"))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array())).toBe(0);
});

it("writes an archive whose directory points at its files", async () => {
  const files = [
    { path: "cats/ä.png", data: bytes("one") },
    { path: "dogs/2.png", data: bytes("three") },
  ];
  const made = new Uint8Array(await zip(files).arrayBuffer());
  const view = new DataView(made.buffer);
  const end = made.length - 22;
  expect(view.getUint32(end, true)).toBe(0x06054b50);
  expect(view.getUint16(end + 10, true)).toBe(2);
  let at = view.getUint32(end + 16, true);
  for (const { path, data } of files) {
    expect(view.getUint32(at, true)).toBe(0x02014b50);
    const length = view.getUint16(at + 28, true);
    expect(new TextDecoder().decode(made.slice(at + 46, at + 46 + length))).toBe(path);
    const local = view.getUint32(at + 42, true);
    expect(view.getUint32(local, true)).toBe(0x04034b50);
    const body = local + 30 + view.getUint16(local + 26, true);
    expect([...made.slice(body, body + data.length)]).toEqual([...data]);
    at += 46 + length;
  }
  expect(at).toBe(end);
});

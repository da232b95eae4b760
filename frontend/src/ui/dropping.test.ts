// @vitest-environment jsdom
import { expect, it } from "vitest";

import { takesDrops } from "./dropping";

const happens = (element: HTMLElement, what: string, dataTransfer?: object): boolean =>
  element.dispatchEvent(Object.assign(new Event(what, { cancelable: true }), { dataTransfer }));

it("takes what is dropped on it, and says while something is held above", () => {
  const element = document.createElement("div");
  const seen: unknown[] = [];
  const end = takesDrops(
    (on) => seen.push(on),
    (transfer) => seen.push(transfer),
  )(element);
  const files = { files: [] };
  expect(happens(element, "dragover")).toBe(false);
  happens(element, "dragleave");
  expect(happens(element, "drop", files)).toBe(false);
  expect(seen).toEqual([true, false, false, files]);
  end();
  expect(happens(element, "drop", files)).toBe(true);
  expect(seen).toHaveLength(4);
});

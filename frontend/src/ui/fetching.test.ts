// @vitest-environment jsdom
import { afterEach, expect, it, vi } from "vitest";

import { fetchPart, serverIsBack, whenBack } from "./fetching";

const styles = (): HTMLLinkElement[] => [...document.head.querySelectorAll("link")];

function stylesheet(href: string): HTMLLinkElement {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  document.head.append(link);
  return link;
}

afterEach(() => document.head.replaceChildren());

it("loads at once where no stylesheet is missing", async () => {
  stylesheet("/whole.css");
  expect(await fetchPart(() => Promise.resolve("part"))).toBe("part");
});

it("asks for a stylesheet that failed before the part that needs it", async () => {
  const lost = stylesheet("/lost.css");
  const whole = stylesheet("/whole.css");
  lost.dispatchEvent(new Event("error"));
  const load = vi.fn(() => Promise.resolve("part"));
  const part = fetchPart(load);
  const [fresh] = styles();
  expect(styles()).toEqual([fresh, whole]);
  expect(fresh).not.toBe(lost);
  expect(fresh?.getAttribute("href")).toBe("/lost.css");
  await Promise.resolve();
  expect(load).not.toHaveBeenCalled();
  fresh?.dispatchEvent(new Event("load"));
  expect(await part).toBe("part");
});

it("fails where the stylesheet fails again, and asks anew the next time", async () => {
  stylesheet("/lost.css").dispatchEvent(new Event("error"));
  const load = vi.fn(() => Promise.resolve("part"));
  const first = fetchPart(load);
  styles()[0]?.dispatchEvent(new Event("error"));
  await expect(first).rejects.toThrow("lost.css did not arrive");
  const second = fetchPart(load);
  styles()[0]?.dispatchEvent(new Event("load"));
  expect(await second).toBe("part");
  expect(load).toHaveBeenCalledOnce();
});

it("tells the parts that failed that the server is back", () => {
  const again = vi.fn();
  const forget = whenBack(again);
  serverIsBack();
  forget();
  serverIsBack();
  expect(again).toHaveBeenCalledOnce();
});

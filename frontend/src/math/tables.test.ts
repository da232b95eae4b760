import { describe, expect, it } from "vitest";

import { contrast, fromLab, parseColor, textOn, toLab, unpack } from "./color";
import { byteTable, entry, makeTables, ZERO } from "./tables";

const LIGHT = { negative: "#1f6fb4", zero: "#f7f6f2", positive: "#e07b1a", ink: "#1d2127", surface: "#ffffff" };
const DARK = { negative: "#5aa7e6", zero: "#1f2228", positive: "#f39a3d", ink: "#eceef1", surface: "#191c22" };

describe("colours", () => {
  it("reads every way CSS writes them here", () => {
    expect(parseColor(" #fff ")).toEqual([255, 255, 255]);
    expect(parseColor("#1f6fb4")).toEqual([31, 111, 180]);
    expect(parseColor("rgb(1 2 3)")).toEqual([1, 2, 3]);
    expect(parseColor("rgba(1, 2, 3, .5)")).toEqual([1, 2, 3]);
  });

  it("goes to OKLab and back", () => {
    for (const color of Object.values(LIGHT).map(parseColor)) expect(fromLab(toLab(color))).toEqual(color);
    // Reference values of the OKLab paper's sRGB red.
    const [l, a, b] = toLab([255, 0, 0]);
    expect([l, a, b].map((x) => x.toFixed(3))).toEqual(["0.628", "0.225", "0.126"]);
  });

  it("knows WCAG contrast", () => {
    expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21);
    expect(textOn([255, 230, 200])).toBe("#000");
    expect(textOn([20, 40, 90])).toBe("#fff");
  });
});

describe.each([
  ["light", LIGHT],
  ["dark", DARK],
])("tables of the %s theme", (_, tokens) => {
  const tables = makeTables(tokens);

  it("puts the tokens at both ends and in the middle", () => {
    expect(unpack(tables.signed[1] ?? 0)).toEqual(parseColor(tokens.negative));
    expect(unpack(tables.signed[ZERO] ?? 0)).toEqual(parseColor(tokens.zero));
    expect(unpack(tables.signed[255] ?? 0)).toEqual(parseColor(tokens.positive));
    expect(unpack(tables.ink[0] ?? 0)).toEqual(parseColor(tokens.surface));
    expect(unpack(tables.ink[255] ?? 0)).toEqual(parseColor(tokens.ink));
    expect(unpack(tables.magnitude[0] ?? 0)).toEqual(parseColor(tokens.zero));
  });

  it("has a magnitude ramp whose lightness runs straight", () => {
    const lightness = [...tables.magnitude].map((pixel) => toLab(unpack(pixel))[0]);
    const [first = 0, last = 0] = [lightness[0], lightness.at(-1)];
    for (const [i, l] of lightness.entries())
      expect(Math.abs(l - (first + ((last - first) * i) / 255))).toBeLessThan(0.012);
  });
});

describe("entries", () => {
  it("is symmetric around zero for signed values", () => {
    expect(entry("signed", 0, -0.5, 2)).toBe(ZERO);
    expect(entry("signed", 2, -0.5, 2)).toBe(255);
    expect(entry("signed", -2, -0.5, 2)).toBe(1);
    expect(entry("signed", 1, 0, 0)).toBe(ZERO);
    expect(entry("signed", NaN, -1, 1)).toBe(ZERO);
  });

  it("runs from lo to hi otherwise", () => {
    expect(entry("ink", 5, 5, 10)).toBe(0);
    expect(entry("magnitude", 10, 5, 10)).toBe(255);
    expect(entry("ink", 3, 3, 3)).toBe(0);
  });

  it("looks a byte up without decoding it", () => {
    const tables = makeTables(LIGHT);
    const table = byteTable(tables, "signed", -1, 3);
    for (const byte of [0, 63, 64, 128, 255]) {
      expect(table[byte]).toBe(tables.signed[entry("signed", -1 + (byte / 255) * 4, -1, 3)]);
    }
  });
});

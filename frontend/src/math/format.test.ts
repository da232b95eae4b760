import { expect, it } from "vitest";

import {
  axisTexts,
  bytes,
  compact,
  count,
  decimalsFor,
  fixed,
  large,
  number,
  percent,
  plural,
  sentence,
  unmarked,
  shape,
  withSign,
  written,
} from "./format";

it("writes numbers with a proper minus sign and no negative zero", () => {
  expect([fixed(-1.25, 1), fixed(-0.001, 2), fixed(0.5, 3)]).toEqual(["−1.3", "0.00", "0.500"]);
  expect([fixed(NaN, 1), fixed(-Infinity, 1)]).toEqual(["not a number", "−infinite"]);
});

it("keeps three known digits and turns to powers of ten in time", () => {
  expect([0, 0.5184, -12.345, 1234.5, 0.00012345].map((value) => number(value))).toEqual([
    "0",
    "0.518",
    "−12.3",
    "1235",
    "0.000123",
  ]);
  expect([number(-0.0000123), number(2.5e9)]).toEqual(["−1.23·10⁻⁵", "2.50·10⁹"]);
  expect(decimalsFor([0.02, -3.2])).toBe(2);
});

it("fits tight cells", () => {
  expect([0.264, -0.31, 0, 1.44, -12.6, 0.001, -0.001, 0.999].map(compact)).toEqual([
    ".26",
    "−.31",
    "0",
    "1.4",
    "−13",
    "0",
    "−0",
    "1.0",
  ]);
});

it("never rounds a doubt away", () => {
  expect([percent(0.99999), percent(1), percent(0.1234), percent(NaN)]).toEqual(["99.9%", "100.0%", "12.3%", "–"]);
});

it("separates thousands and counts things", () => {
  expect([count(60000), plural(1, "map"), plural(8, "map"), shape([8, 14, 14]), withSign(0.5)]).toEqual([
    "60,000",
    "1 map",
    "8 maps",
    "8×14×14",
    "+0.500",
  ]);
});

it("large counts and memory have three digits and a unit", () => {
  expect([7, 999, 1000, 12_345, 4_560_000, 3e9].map(large)).toEqual(["7", "999", "1 k", "12.3 k", "4.56 M", "3 G"]);
  expect([12, 2048, 5_400_000].map(bytes)).toEqual(["12 B", "2.05 kB", "5.4 MB"]);
});

it("writes numbers of a table as somebody gave them", () => {
  expect([40, 2.5, -0.1, 1234567.4, 0].map(written)).toEqual(["40", "2.5", "−0.1", "1234570", "0"]);
  expect([1e12, NaN].map(written)).toEqual(["1.00·10¹²", "not a number"]);
});

it("documentation is shown without its marks", () => {
  expect(unmarked("Bishop (2006), *Pattern Recognition*; `torch.optim.Adam`, 2 * 3 * x")).toBe(
    "Bishop (2006), Pattern Recognition; torch.optim.Adam, 2 * 3 * x",
  );
});

it("makes sentences of words", () => {
  expect(["no step: why", "Done."].map(sentence)).toEqual(["No step: why.", "Done."]);
});

it("writes the ticks of an axis short, and no two alike", () => {
  expect(axisTexts([0, 0.1, 0.30000000000000004])).toEqual(["0", "0.1", "0.3"]);
  expect(axisTexts([0, 1e27, 2e27])).toEqual(["0", "1e27", "2e27"]);
  expect(axisTexts([0, 1e27, 1.2e27, 1.4e27])).toEqual(["0", "1.0e27", "1.2e27", "1.4e27"]);
});

import { expect, test } from "vitest";

import type { CatalogueEntry } from "../protocol/report";
import { chapters } from "./offers";

const entry = (kind: string, label: string, group: string, summary = ""): CatalogueEntry => ({
  kind,
  label,
  group,
  summary,
  docs: "",
  formula: "",
  schema: {},
});
const layers = [
  entry("conv2d", "Convolution", "Convolution", "Slides filters."),
  entry("max_pool2d", "Max pooling", "Convolution"),
  entry("maxout", "Maxout", "Activation"),
  entry("linear", "Dense", "Dense"),
  entry("noise", "Noise", "Probability"),
];
const blocks = [entry("vgg", "VGG block", "Blocks", "Two convolutions, then pooling.")];
const kinds = (query: string): string[] =>
  chapters(layers, blocks, query).flatMap((group) => group.offers.map((offer) => offer.kind));

test("without a query: by chapter, in the order of a course", () => {
  expect(chapters(layers, blocks, "").map((group) => group.name)).toEqual([
    "Dense",
    "Convolution",
    "Activation",
    "Blocks",
    "Probability",
  ]);
});

test("a name that starts with the query comes first, words about it last", () => {
  expect(kinds("conv")).toEqual(["conv2d", "max_pool2d", "vgg"]);
  expect(kinds("max")).toEqual(["max_pool2d", "maxout"]);
  expect(kinds("max p")).toEqual(["max_pool2d"]);
  expect(kinds("pool")).toEqual(["max_pool2d", "vgg"]);
  expect(kinds("nothing")).toEqual([]);
});

// @vitest-environment jsdom
import { expect, it } from "vitest";

import { layerPanels, outputPanels } from "./index";
import type { DataLook } from "./data-kind";
import { named, type OutputPanel } from "./panel";
import type { NodeReport } from "../protocol/types";

const look = (kind: DataLook["kind"], numbers = false): DataLook => ({
  kind,
  noun: "example",
  classes: !numbers,
  numbers,
});

it("names panels by their folder and orders them", () => {
  const make = (order: number): { default: OutputPanel } => ({
    default: { place: "output", label: "x", order, suits: () => true, component: () => ({}) },
  });
  expect(named({ "./b/panel.ts": make(1), "./c/panel.ts": make(0), "./a/panel.ts": make(1) }).map((p) => p.id)).toEqual(
    ["c", "a", "b"],
  );
});

/** Of the panels named here, those that are offered: others may join them. */
const among = (ids: string[], known: string): string[] => ids.filter((id) => known.split(" ").includes(id));

it("offers what suits the data", () => {
  const tabs = (data: DataLook): string[] =>
    among(
      outputPanels.filter((one) => one.suits(data, [], "", "supervised")).map((one) => one.id),
      "plane predictions confusion table",
    );
  expect(tabs(look("images"))).toEqual(["predictions", "confusion"]);
  expect(tabs(look("plane"))).toEqual(["plane", "confusion"]);
  expect(tabs(look("plane", true))).toEqual(["plane", "table"]);
  expect(tabs(look("table", true))).toEqual(["table"]);
});

it("offers what suits the layer", () => {
  const layer = (parameters: number, picture: string): NodeReport =>
    ({ parameters, outputs: { out: { axes: [] } }, taps: [{ name: "weight", picture }] }) as unknown as NodeReport;
  const tabs = (node: NodeReport): string[] =>
    among(
      layerPanels.filter((one) => one.suits(node)).map((one) => one.id),
      "filters maps weights gradients",
    );
  expect(tabs(layer(9, "filters"))).toEqual(["filters", "maps", "weights", "gradients"]);
  expect(tabs(layer(0, "maps"))).toEqual(["maps"]);
});

/** What sort of data a run learns from: decides which pictures there are. Pure. */
import type { FieldReport } from "../protocol/types";

export type DataKind = "images" | "plane" | "line" | "table" | "other";

export interface DataLook {
  kind: DataKind;
  /** What people call one example. */
  noun: "image" | "point" | "row" | "example";
  /** Are classes predicted? */
  classes: boolean;
  /** Is one number predicted? */
  numbers: boolean;
}

type Fields = Readonly<Record<string, FieldReport>>;

function kindOf(inputs: readonly FieldReport[]): DataKind {
  if (inputs.some((field) => field.shape.axes.length === 3)) return "images";
  const [only] = inputs;
  if (!only || inputs.length > 1 || only.shape.axes.length !== 1) return "other";
  if (only.columns.length) return "table";
  const size = only.shape.axes[0]?.size;
  return size === 2 ? "plane" : size === 1 ? "line" : "other";
}

/** What the numbers of one example are called in a table of them: columns, or the places of a sequence T×D. */
export function columnsOf(fields: Fields | undefined): readonly string[] {
  const inputs = Object.entries(fields ?? {}).filter(([, { role }]) => role === "input");
  const [only] = inputs;
  if (!only || inputs.length > 1) return [];
  const [name, { columns, shape }] = only;
  const [length, features] = shape.axes.map(({ size }) => Number(size));
  if (columns.length || shape.axes.length !== 2 || !length || !features) return columns;
  return Array.from({ length: length * features }, (_, i) => {
    const place = `${name} ${Math.floor(i / features) + 1}`;
    return features === 1 ? place : `${place}, ${(i % features) + 1}`;
  });
}

const NOUNS = { images: "image", plane: "point", line: "point", table: "row", other: "example" } as const;

export function dataLook(fields: Fields | undefined): DataLook {
  const all = Object.values(fields ?? {});
  const target = all.find((field) => field.role === "target");
  const kind = kindOf(all.filter((field) => field.role === "input"));
  return {
    kind,
    noun: NOUNS[kind],
    classes: (target?.classes.length ?? 0) > 0,
    numbers: target !== undefined && target.classes.length === 0 && target.shape.axes.length === 0,
  };
}

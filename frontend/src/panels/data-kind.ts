/** What sort of data a run learns from: decides which pictures there are. Pure. */
import type { FieldReport } from "../protocol/types";

export type DataKind = "images" | "plane" | "table" | "other";

export interface DataLook {
  kind: DataKind;
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
  if (only.shape.axes[0]?.size === 2) return "plane";
  return only.columns.length ? "table" : "other";
}

export function dataLook(fields: Fields | undefined): DataLook {
  const all = Object.values(fields ?? {});
  const target = all.find((field) => field.role === "target");
  return {
    kind: kindOf(all.filter((field) => field.role === "input")),
    classes: (target?.classes.length ?? 0) > 0,
    numbers: target !== undefined && target.classes.length === 0 && target.shape.axes.length === 0,
  };
}

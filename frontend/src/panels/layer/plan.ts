/** Which picture suits what a node computes. Pure. */
import { squareColumns, wideColumns } from "../../math/atlas";
import { MOST_IN_COLUMN } from "../../math/units";
import { shape as shapeText } from "../../math/format";

export type PicturePlan =
  | { kind: "example" }
  | { kind: "predictions" }
  | { kind: "maps"; columns: number; what: string }
  | { kind: "plane"; columns: number; what: string }
  | { kind: "bars" }
  | { kind: "strip"; what: string }
  | { kind: "matrix"; what: string }
  | { kind: "none" };

export interface PictureOf {
  sizes: readonly (number | string)[];
  isInput: boolean;
  isOutput: boolean;
  name: string;
  /** Does the network read points of a plane? Then every unit is a picture of its own function. */
  plane?: boolean;
}

export const MOST_BARS = 16;
export const MOST_MAPS = 64;

/** `sizes`: output shape without the batch axis; a symbolic length counts as unknown. */
export function planPicture({ sizes, isInput, isOutput, name, plane }: PictureOf): PicturePlan {
  const [first] = sizes;
  if (plane && sizes.length === 1 && typeof first === "number" && first <= MOST_MAPS)
    return {
      kind: "plane",
      columns: first <= MOST_IN_COLUMN ? 1 : squareColumns(first),
      what: `${first} units of ${name} over the plane`,
    };
  if (isInput && sizes.length === 3) return { kind: "example" };
  if (isOutput && sizes.length === 1 && typeof first === "number" && first <= MOST_BARS) return { kind: "predictions" };
  if (sizes.length === 3 && typeof first === "number") {
    const shown = Math.min(first, MOST_MAPS);
    const of = shown < first ? ` of ${first}` : "";
    return {
      kind: "maps",
      columns: wideColumns(shown),
      what: `${shown}${of} feature maps ${shapeText(sizes.slice(1).map(Number))} of ${name}`,
    };
  }
  if (sizes.length === 2) return { kind: "matrix", what: `Output of ${name}, time by features` };
  if (sizes.length === 1 && typeof first === "number") {
    return first <= MOST_BARS ? { kind: "bars" } : { kind: "strip", what: `${first} outputs of ${name}` };
  }
  return { kind: "none" };
}

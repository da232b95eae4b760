/** Many examples on a plane, from frames of the probe `embedding`. Pure. */
import { numberIn, numbersIn, textIn, textsIn, type Extra } from "../../math/extra";
import { linear, type Scale } from "../../math/scales";
import { number } from "../../math/format";
import type { MapPoints } from "../../protocol/types";

export interface Places {
  x: Float32Array;
  y: Float32Array;
  /** The class of each, and what the network says; −1 where there is none. */
  labels: Int16Array;
  said: Int16Array;
  classes: string[];
  split: string;
  layer: string;
  step: number;
  /** Of the variance that lies in the plane; NaN where it is none of that sort. */
  share: number;
}

/** `floats`: x, y, class, said, one example after the other. */
export function readPlaces(floats: Float32Array | null, extra: Extra): Places {
  const count = Math.floor((floats?.length ?? 0) / 4);
  const column = (k: number) => Float32Array.from({ length: count }, (_, i) => floats?.[4 * i + k] ?? NaN);
  return {
    x: column(0),
    y: column(1),
    labels: Int16Array.from(column(2)),
    said: Int16Array.from(column(3)),
    classes: textsIn(extra, "classes"),
    split: textIn(extra, "split", "test"),
    layer: textIn(extra, "layer"),
    step: numberIn(extra, "step", 0),
    share: numberIn(extra, "share"),
  };
}

/** The same from a map that a study has made. */
export function readMap(line: MapPoints, layer: string, step: number): Places {
  const bytes = (text: string): ArrayBuffer => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  const places = new Float32Array(bytes(line.places));
  const column = (k: number) => Float32Array.from({ length: line.count }, (_, i) => places[2 * i + k] ?? NaN);
  return {
    x: column(0),
    y: column(1),
    labels: new Int16Array(bytes(line.labels)),
    said: new Int16Array(bytes(line.said)),
    classes: line.classes,
    split: "test",
    layer,
    step,
    share: NaN,
  };
}

export interface Box {
  x: Scale;
  y: Scale;
}

/** Where the places lie on a square of that side, the same scale both ways, y upwards. */
export function boxOf({ x, y }: Pick<Places, "x" | "y">, side: number): Box {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < x.length; i++) {
    const [across = 0, up = 0] = [x[i], y[i]];
    [left, right] = [Math.min(left, across), Math.max(right, across)];
    [bottom, top] = [Math.min(bottom, up), Math.max(top, up)];
  }
  if (!(right > left) && !(top > bottom)) [left, right, bottom, top] = [-1, 1, -1, 1];
  const half = 0.54 * Math.max(right - left, top - bottom);
  const [middleX, middleY] = [(left + right) / 2, (bottom + top) / 2];
  return {
    x: linear([middleX - half, middleX + half], [0, side]),
    y: linear([middleY - half, middleY + half], [side, 0]),
  };
}

/** The example nearest to a point of the picture, within `reach` pixels; null for none. */
export function exampleAt(places: Places, box: Box, x: number, y: number, reach = 14): number | null {
  let [best, distance] = [-1, reach * reach];
  for (let i = 0; i < places.x.length; i++) {
    const away = (box.x(places.x[i] ?? NaN) - x) ** 2 + (box.y(places.y[i] ?? NaN) - y) ** 2;
    if (away < distance) [best, distance] = [i, away];
  }
  return best < 0 ? null : best;
}

/** `test image 17: is 4, the network says 9, wrong`. */
export function exampleWords(places: Places, i: number): string {
  const name = (index: number | undefined): string => places.classes[index ?? -1] ?? "?";
  const [truth = -1, said = -1] = [places.labels[i], places.said[i]];
  const parts = [`${places.split} image ${i}`];
  if (truth >= 0) parts.push(`is ${name(truth)}`);
  if (said >= 0) parts.push(`the network says ${name(said)}${truth >= 0 && truth !== said ? ", wrong" : ""}`);
  return parts.join(", ");
}

export interface Neighbour {
  name: string;
  caption: string;
  /** Of the training split. */
  index: number;
  distance: number;
}

/** The nearest images in words, from the frame of the probe `nearest`. */
export function readNeighbours(extra: Extra): Neighbour[] {
  const classes = textsIn(extra, "classes");
  const labels = numbersIn(extra, "labels");
  const distances = numbersIn(extra, "distances");
  return numbersIn(extra, "indices").map((index, i) => {
    const label = classes[labels[i] ?? -1] ?? "";
    const distance = number(distances[i] ?? NaN);
    const of = label ? `, a ${label}` : "";
    return {
      index,
      name: `training image ${index}${of}, distance ${distance}`,
      caption: label || distance,
      distance: distances[i] ?? NaN,
    };
  });
}

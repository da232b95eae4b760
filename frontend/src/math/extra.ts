/** What rides along with a picture (`header.extra`) is an open record: these read it and forgive what is missing. */

export type Extra = Readonly<Record<string, unknown>>;

export const numberIn = (extra: Extra, key: string, otherwise = NaN): number => {
  const value = extra[key];
  return typeof value === "number" ? value : otherwise;
};

export const textIn = (extra: Extra, key: string, otherwise = ""): string => {
  const value = extra[key];
  return typeof value === "string" ? value : otherwise;
};

export const numbersIn = (extra: Extra, key: string): number[] => {
  const value = extra[key];
  return Array.isArray(value) ? value.map((item) => (typeof item === "number" ? item : NaN)) : [];
};

export const textsIn = (extra: Extra, key: string): string[] => {
  const value = extra[key];
  return Array.isArray(value) ? value.map(String) : [];
};

/** `[[[...]]]`: channels of rows of numbers; null where it is not that. */
export function cubeIn(extra: Extra, key: string): number[][][] | null {
  const value = extra[key];
  const isCube = Array.isArray(value) && value.every((plane) => Array.isArray(plane) && plane.every(Array.isArray));
  return isCube ? (value as number[][][]) : null;
}

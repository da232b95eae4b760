/** The next update of one weight, line by line: what the optimizer says about itself. Pure. */
import { number } from "../math/format";

export interface Line {
  symbol: string;
  words: string;
  /** As the textbook writes it: `β₁·m + (1 − β₁)·g`; empty for a number that is simply there. */
  formula: string;
  /** The same with the numbers in it. */
  filled: string;
  value: number;
}

export interface UpdateReading {
  /** Place of the weight among those of its filter or unit. */
  place: number;
  /** The same as channel, row and column; one number for a dense unit. */
  index: number[];
  lines: Line[];
}

const RAISED: Readonly<Record<string, string>> = Object.fromEntries(
  [..."0123456789t"].map((sign, i) => [sign, [..."⁰¹²³⁴⁵⁶⁷⁸⁹ᵗ"][i] ?? sign]),
);

type Open = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Open => typeof value === "object" && value !== null;

/** A number inside a formula: settings as they were set (0.9, not 0.900), negative ones in brackets. */
function inside(value: unknown): string {
  if (typeof value !== "number") return "?";
  const exact = Number(value.toPrecision(3)) === value;
  const text = exact
    ? number(value)
        .replace(/(\.\d*?)0+(?=·|$)/, "$1")
        .replace(/\.(?=·|$)/, "")
    : number(value);
  return value < 0 ? `(${text})` : text;
}

/** Powers as raised signs: `0.9^12` → `0.9¹²`, `β₁^t` → `β₁ᵗ`. */
const raise = (text: string): string =>
  text.replace(/\^([\dt]+)/g, (_, power: string) => [...power].map((sign) => RAISED[sign] ?? sign).join(""));

function readLine(raw: unknown): Line[] {
  if (!isRecord(raw) || typeof raw["template"] !== "string") return [];
  const { template, numbers } = raw;
  const known = isRecord(numbers) ? numbers : {};
  return [
    {
      symbol: String(raw["symbol"]),
      words: String(raw["words"]),
      formula: raise(template.replace(/[{}]/g, "")),
      filled: raise(template.replace(/\{(.+?)\}/g, (_, name: string) => inside(known[name]))),
      value: typeof raw["value"] === "number" ? raw["value"] : NaN,
    },
  ];
}

/** Null where no optimizer moves the weight. */
export function readUpdate(raw: unknown): UpdateReading | null {
  if (!isRecord(raw) || !Array.isArray(raw["terms"]) || !Array.isArray(raw["index"])) return null;
  return {
    place: Number(raw["place"]),
    index: raw["index"].map(Number),
    lines: raw["terms"].flatMap(readLine),
  };
}

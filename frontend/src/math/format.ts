/** Numbers as texts: a proper minus sign, no more digits than are known, thousands separated. */

const MINUS = "\u2212";

/** `value` with `decimals` digits after the point; −0 is 0. NaN and infinity are said in words. */
export function fixed(value: number, decimals: number): string {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "infinite" : `${MINUS}infinite`;
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/** Digits after the point that show `significant` digits of the largest of `values`. */
export function decimalsFor(values: Iterable<number>, significant = 3): number {
  let largest = 0;
  for (const value of values) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return 0;
  return Math.max(0, Math.min(8, significant - 1 - Math.floor(Math.log10(largest))));
}

/** One number by itself: 3 significant digits, powers of ten where plain digits would run on. */
export function number(value: number, significant = 3): string {
  if (!Number.isFinite(value) || value === 0) return fixed(value, 0);
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return scientific(value, significant);
  return fixed(value, size >= 1000 ? 0 : decimalsFor([value], significant));
}

/** A number as somebody wrote it in a table: no digit that says nothing, 6 significant ones at most. */
export function written(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || size >= 1e9 || (size > 0 && size < 1e-4)) return number(value);
  return String(Number(value.toPrecision(6))).replace("-", MINUS);
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** `1.2·10⁻⁵`. */
export function scientific(value: number, significant = 3): string {
  const [digits = "0", power = "0"] = Math.abs(value)
    .toExponential(significant - 1)
    .split("e");
  const exponent = Number(power);
  const raised = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
  return `${value < 0 ? MINUS : ""}${digits}·10${exponent < 0 ? "⁻" : ""}${raised}`;
}

/** With an explicit sign, for the two ends of a signed scale. */
export const withSign = (value: number, text = number(value)): string => (value > 0 ? `+${text}` : text);

/** A small number in a tight cell: `.26`, `−.31`, `1.4`, `12`; 0 alone for nothing at all. */
export function compact(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return Number.isFinite(value) ? "0" : "–";
  const size = Math.abs(value);
  const text = size >= 9.95 ? size.toFixed(0) : size >= 0.995 ? size.toFixed(1) : size.toFixed(2).replace(/^0/, "");
  if (text === ".00") return value < 0 ? `${MINUS}0` : "0";
  return (value < 0 ? MINUS : "") + text;
}

/** A share 0..1 as a percentage with one digit; never rounds up to 100.0 % or down to 0.0 % what is not. */
export function percent(share: number, decimals = 1): string {
  if (!Number.isFinite(share)) return "–";
  const step = 10 ** -decimals;
  let value = 100 * share;
  if (share < 1 && value > 100 - step) value = 100 - step;
  return `${fixed(value, decimals)}%`;
}

/** A whole number with thousands separated: `60,000`. */
export const count = (value: number): string => Math.round(value).toLocaleString("en-GB");

/** `28×28`, `8×14×14`. */
export const shape = (sizes: readonly number[]): string => sizes.join("×");

/** `1 map`, `8 maps`. */
export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

/** Large counts in three digits: `950`, `12.3 k`, `4.56 M`. */
export function large(value: number): string {
  const units = ["", " k", " M", " G", " T"];
  let size = value;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return unit === 0 ? String(Math.round(size)) : `${Number(size.toPrecision(3))}${units[unit]}`;
}

/** Memory in three digits: `950 B`, `12.3 kB`, `4.56 MB`. */
export const bytes = (value: number): string => (value < 999.5 ? `${Math.round(value)} B` : `${large(value)}B`);

/** Documentation without its marks for code (`…`) and for titles (*…*). */
export const unmarked = (text: string): string => text.replaceAll("`", "").replace(/\*(\w[^*\n]*)\*/g, "$1");

/** Words of the server's as a sentence: with a capital and a full stop. */
export const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1).replace(/\.?$/, ".");

/** Short enough for the axis, however large a diverging loss grows, and no two alike. */
export function axisTexts(values: readonly number[]): string[] {
  const written = (digits: number): string[] =>
    values.map((value) =>
      Math.abs(value) >= 10_000 ? value.toExponential(digits).replace("e+", "e") : String(Number(value.toPrecision(6))),
    );
  const texts = written(0);
  return new Set(texts).size < texts.length ? written(1) : texts;
}

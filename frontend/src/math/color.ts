/**
 * Colours as numbers. Mixing happens in OKLab (Björn Ottosson, "A perceptual color space for image processing",
 * 2020), so that equal steps in a value look like equal steps on the screen.
 */

/** Red, green, blue, each 0..255. */
export type Rgb = readonly [number, number, number];
/** Lightness 0..1, green-red and blue-yellow axes. */
export type Lab = readonly [number, number, number];

/** `#rgb`, `#rrggbb` or `rgb(r g b)` to numbers; mid grey for anything else, so that a picture is drawn at all. */
export function parseColor(text: string): Rgb {
  const value = text.trim();
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(value);
  if (short) return [1, 2, 3].map((i) => parseInt((short[i] ?? "8").repeat(2), 16)) as unknown as Rgb;
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(value);
  if (long) return [1, 2, 3].map((i) => parseInt(long[i] ?? "80", 16)) as unknown as Rgb;
  const call = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/i.exec(value);
  if (call) return [Number(call[1]), Number(call[2]), Number(call[3])];
  return [128, 128, 128];
}

const toLinear = (channel: number): number => {
  const c = channel / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
};

const fromLinear = (c: number): number => {
  const clipped = Math.min(1, Math.max(0, c));
  return Math.round(255 * (clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055));
};

export function toLab([red, green, blue]: Rgb): Lab {
  const r = toLinear(red);
  const g = toLinear(green);
  const b = toLinear(blue);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** OKLab to sRGB; what a screen cannot show is clipped. */
export function fromLab([lightness, a, b]: Lab): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    fromLinear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    fromLinear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    fromLinear(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** The colour at `t` (0..1) on the straight OKLab line between two colours. */
export function mix(from: Lab, to: Lab, t: number): Lab {
  return [from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t, from[2] + (to[2] - from[2]) * t];
}

/** One opaque pixel as `ImageData` stores it, read as a little-endian number (every platform browsers run on). */
export const pack = ([r, g, b]: Rgb): number => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;

export const unpack = (pixel: number): Rgb => [pixel & 255, (pixel >>> 8) & 255, (pixel >>> 16) & 255];

export const css = ([r, g, b]: Rgb): string => `rgb(${r} ${g} ${b})`;

/** Relative luminance, WCAG 2.2. */
export const luminance = ([r, g, b]: Rgb): number => 0.2126 * toLinear(r) + 0.7152 * toLinear(g) + 0.0722 * toLinear(b);

/** Contrast ratio 1..21, WCAG 2.2. */
export function contrast(one: Rgb, other: Rgb): number {
  const [bright, dark] = [luminance(one), luminance(other)].sort((x, y) => y - x) as [number, number];
  return (bright + 0.05) / (dark + 0.05);
}

/** Black or white, whichever reads better on that background. */
export function textOn(background: Rgb): "#000" | "#fff" {
  return contrast(background, [0, 0, 0]) >= contrast(background, [255, 255, 255]) ? "#000" : "#fff";
}

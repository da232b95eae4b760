/** Scales on which equal ratios are equally far apart. Pure. */
import { linear, type Scale, ticks } from "./scales";

/** Like `linear`, over the logarithm; the domain must be positive. */
export function logarithmic(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const inner = linear([Math.log10(domain[0]), Math.log10(domain[1])], range);
  const scale = (value: number): number => inner(Math.log10(value));
  scale.invert = (place: number): number => 10 ** inner.invert(place);
  return scale;
}

/** Round numbers 1, 2, 5 times powers of ten within lo..hi: the powers alone where there are many of them. */
export function logTicks(lo: number, hi: number, wanted = 6): number[] {
  const [first, last] = [Math.floor(Math.log10(lo)), Math.ceil(Math.log10(hi))];
  const digits = last - first > wanted / 2 ? [1] : [1, 2, 5];
  const stride = Math.max(1, Math.ceil((last - first) / wanted));
  const found: number[] = [];
  for (let power = first; power <= last; power += stride)
    for (const digit of digits) {
      const value = Number((digit * 10 ** power).toPrecision(1));
      if (value >= lo * (1 - 1e-9) && value <= hi * (1 + 1e-9)) found.push(value);
    }
  return found.length > 1 ? found : ticks(lo, hi, 3);
}

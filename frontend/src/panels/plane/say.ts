/** A lit path in words. Pure. */
import { number, percent } from "../../math/format";
import { argmax } from "../../math/vectors";
import { verdict } from "./describe";
import type { Path } from "./streams";

/** `the network says orange 93.0%, it is orange: right`. */
export function sayPath(path: Path | null): string {
  if (!path) return "no path is lit";
  const { said, scale, classes, target } = path;
  const is = target === null ? "" : classes.length ? (classes[target] ?? String(target)) : number(target);
  if (scale === "probability") {
    const winner = argmax(said);
    const right = target === null ? "" : `; it is ${is}: ${winner === target ? "right" : "wrong"}`;
    return `the network says ${classes[winner] ?? winner} ${percent(said[winner] ?? NaN)}${right}`;
  }
  const value = said[0] ?? NaN;
  const says = `the network says ${verdict(value, { classes, scale })}`;
  if (target === null) return says;
  if (scale === "certainty") return `${says}; it is ${is}: ${value >= 0 === target > 0.5 ? "right" : "wrong"}`;
  return `${says}; it is ${is}, ${number(Math.abs(value - target))} away`;
}

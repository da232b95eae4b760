/** The recipe reads the network's answer from a node: it follows when the end of the network moves. */
import type { Choice } from "../../protocol/types";
import { ends, incoming, type Network, nodeOf, pathBetween } from "./network";

/** The node that takes over from `output` in the changed network; the same one where nothing speaks against it. */
export function outputAfter(before: Network, after: Network, output: string): string {
  const sinks = ends(after).filter((id) => incoming(after, id).length > 0);
  if (nodeOf(after, output)) {
    const wasEnd = ends(before).includes(output);
    if (!wasEnd || ends(after).includes(output)) return output;
    const behind = sinks.filter((id) => pathBetween(after, output, id));
    return behind.length === 1 && behind[0] ? behind[0] : output;
  }
  if (sinks.length === 1 && sinks[0]) return sinks[0];
  const fed = incoming(before, output).find((edge) => nodeOf(after, edge.source));
  return fed && ends(after).includes(fed.source) ? fed.source : output;
}

/** The recipe with its outputs moved along; the same object if nothing moved. */
export function recipeAfter(before: Network, after: Network, recipe: Choice): Choice {
  const output = recipe.config["output"];
  if (typeof output !== "string") return recipe;
  const next = outputAfter(before, after, output);
  return next === output ? recipe : { ...recipe, config: { ...recipe.config, output: next } };
}

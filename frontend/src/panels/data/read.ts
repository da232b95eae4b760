/** Names of training examples. Pure. */
import { numbersIn, textsIn, type Extra } from "../../math/extra";

/** One line each: `training image 3: 1`. What the network says about them is not shown here. */
export function readTraining(extra: Extra): { name: string }[] {
  const labels = numbersIn(extra, "labels");
  const classes = textsIn(extra, "classes");
  return numbersIn(extra, "indices").map((index, i) => {
    const label = labels[i] ?? NaN;
    return { name: `training image ${index}${Number.isFinite(label) ? `: ${classes[label] ?? label}` : ""}` };
  });
}

/** What the panels about windows and shifts share. */

/** Layers in which a window slides. */
export const SLIDING: ReadonlySet<string> = new Set([
  "conv2d",
  "conv1d",
  "max_pool2d",
  "avg_pool2d",
  "max_pool1d",
  "avg_pool1d",
]);

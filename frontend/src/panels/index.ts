/** Every panel and what it takes. Panels read the stores themselves; a page only places them. */
export { default as Confusion } from "./confusion/Confusion.svelte"; // {}
export { default as DataStrip } from "./data/DataStrip.svelte"; // {}
export { default as DrawPad } from "./draw/DrawPad.svelte"; // {}
export { default as ExampleChooser } from "./example/ExampleChooser.svelte"; // {}
export { default as Filters } from "./filters/Filters.svelte"; // { node }
export { default as Gradients } from "./gradients/Gradients.svelte"; // { node }
export { default as LayerPicture } from "./layer/LayerPicture.svelte"; // { node, pictureNode?, width }
export { default as Maps } from "./maps/Maps.svelte"; // { node }
export { default as OneNumber } from "./one-number/OneNumber.svelte"; // {}: shows selection.cell, closes by clearing it
export { default as Plane } from "./plane/Plane.svelte"; // {}
export { default as Predictions } from "./predictions/Predictions.svelte"; // {}
export { default as Scatter } from "./table/Scatter.svelte"; // {}
export { default as Weights } from "./weights/Weights.svelte"; // { node }
export { countsOf, dataLook } from "./data-kind";

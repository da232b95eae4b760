/** Every panel that the page places itself, and the tabs, which are found: a folder with a `panel.ts` is one. */
import { type LayerPanel, type Named, named, type OutputPanel, type Panel } from "./panel";

export { default as DataStrip } from "./data/DataStrip.svelte"; // {}
export { default as DrawPad } from "./draw/DrawPad.svelte"; // {}
export { default as ExampleChooser } from "./example/ExampleChooser.svelte"; // { words? }
export { default as LayerPicture } from "./layer/LayerPicture.svelte"; // { node, pictureNode?, width }
export { default as TableRows } from "./table/TableRows.svelte"; // {}: nothing for data that is no table
export { playModel } from "./plane/model"; // what Playground can show
export { generatorOf } from "../math/generators"; // what PlaneData can show
export { columnsOf, dataLook } from "./data-kind";

export const augmentSettings = () => import("./fed/AugmentSettings.svelte"); // { field, onvary, disabled? }: for pictures
export const fetchData = () => import("./fetch/FetchData.svelte"); // { kind, label, onfetched }
export const picturePad = () => import("./draw/PicturePad.svelte"); // { channels, height, width }: colour, or not 28×28
// Only a run over the plane needs these: they are fetched then.
export const planeData = () => import("./data/PlaneData.svelte"); // { onvary? }
export const playground = () => import("./plane/Playground.svelte"); // { network, onedit, hint?, drawer?, legend?, view? }

const found = named(import.meta.glob<{ default: Panel }>("./*/panel.ts", { eager: true }));

/** Tabs of the large pane on the right. */
export const outputPanels = found.filter((panel): panel is Named<OutputPanel> => panel.place === "output");
/** Tabs of the inspector. */
export const layerPanels = found.filter((panel): panel is Named<LayerPanel> => panel.place === "layer");

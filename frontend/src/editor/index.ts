/** The editor as the page uses it. */
import { asked } from "../stores/asked";
import { editor } from "./document.svelte";

export { copySelected, mend, pasteText, removeSelected, setName, setSetting, unshareSelected } from "./actions";
export { default as Canvas } from "./Canvas.svelte";
export { editor } from "./document.svelte";
export { available as editorCommands, EDITOR, editorKey } from "./keys";
export { blank, keep, resumeNew, runComposed, showRunsBy, startFrom, startFromNothing } from "./new";
export { view as editorView } from "./view.svelte";

asked.by((label, network, select) => editor.apply(label, { network, select: [...select] }));

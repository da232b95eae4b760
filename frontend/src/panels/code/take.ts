/** What can be downloaded, and how a file reaches the disk. */
export type Format = "python" | "onnx" | "safetensors" | "json";

export const DOWNLOADS: { format: Format; label: string; hint: string }[] = [
  { format: "python", label: "Script and data (.zip)", hint: "train.py with the arrays that it reads" },
  { format: "onnx", label: "ONNX", hint: "The network with its weights, for other programs" },
  { format: "safetensors", label: "Weights", hint: "The weights of the last checkpoint, as safetensors" },
  { format: "json", label: "Experiment (.json)", hint: "The document: drop it on this page to open it again" },
];

/** Lets the browser save it. */
export function save({ name, content }: { name: string; content: Blob }): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Prints what the first load costs and fails when its JavaScript is over the budget. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET = 185_000;
const folder = new URL("../../backend/torchglass/static/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", folder), "utf8"));

const first = new Set();
const styles = new Set();
const visit = (key) => {
  const entry = manifest[key];
  if (first.has(entry.file)) return;
  first.add(entry.file);
  for (const sheet of entry.css ?? []) styles.add(sheet);
  for (const next of entry.imports ?? []) visit(next);
};
visit("src/main.ts");

const zipped = (file) => gzipSync(readFileSync(new URL(file, folder))).length;
const sum = (files) => [...files].reduce((total, file) => total + zipped(file), 0);
const later = Object.values(manifest).filter((entry) => entry.file.endsWith(".js") && !first.has(entry.file));
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

console.log(`first load: ${kB(sum(first))} script, ${kB(sum(styles))} style (gzipped, budget ${kB(BUDGET)} script)`);
for (const entry of later) console.log(`later: ${entry.file} ${kB(zipped(entry.file))}`);
if (sum(first) > BUDGET) {
  console.error("over the budget: split what is not needed at once");
  process.exit(1);
}

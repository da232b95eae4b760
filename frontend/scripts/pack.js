/** Packs what the page is made of, once and as tight as it goes; the server sends the packed neighbour. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const LEAST = 1000;
const TEXT = new Set([".js", ".css", ".svg", ".json"]);
const folder = fileURLToPath(new URL("../../backend/torchglass/static/assets/", import.meta.url));

let [plain, packed] = [0, 0];
for (const name of readdirSync(folder)) {
  const file = join(folder, name);
  const bytes = readFileSync(file);
  if (!TEXT.has(extname(name)) || bytes.length < LEAST) continue;
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const brotli = brotliCompressSync(bytes, { params });
  writeFileSync(`${file}.br`, brotli);
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  plain += bytes.length;
  packed += brotli.length;
}
console.log(`packed: ${(plain / 1000).toFixed(0)} kB to ${(packed / 1000).toFixed(0)} kB (brotli)`);

import { fileURLToPath } from "node:url";

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/** Builds the benchmark page by itself; it is no part of what people load. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  plugins: [svelte({ configFile: "../svelte.config.js" })],
  publicDir: false,
  build: {
    emptyOutDir: true,
    target: "es2022",
    rolldownOptions: { input: fileURLToPath(new URL("maps.html", import.meta.url)) },
  },
});

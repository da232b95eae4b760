/// <reference types="vitest/config" />
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/** Where the server finds the page's scripts; `vite dev` serves the same paths with hot reload. */
export default defineConfig({
  base: "/static/",
  plugins: [svelte()],
  publicDir: false,
  build: {
    outDir: "../backend/torchglass/static",
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    // Strict content security policy: nothing inline, not even small assets.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: "src/main.ts",
      // What the page opens with is one file: parts that later files share with it would each be one of their own.
      output: { codeSplitting: { groups: [{ name: "page", tags: ["$initial"] }] } },
    },
  },
  server: { host: "127.0.0.1", port: 5173, strictPort: true, cors: { origin: /^http:\/\/127\.0\.0\.1:\d+$/ } },
  resolve: process.env["VITEST"] ? { conditions: ["browser"] } : {},
  // Making a document takes longer than most tests: a file that needs one says so in its first line.
  test: { environment: "node", include: ["src/**/*.test.ts"], restoreMocks: true },
});

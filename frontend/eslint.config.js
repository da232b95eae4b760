import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";

import svelteConfig from "./svelte.config.js";

/** Imports may only point left: protocol | math | ui → stores → panels | editor → sharing → app (the page in the middle of DESIGN). */
const layer = (files, forbidden) => ({
  files,
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [{ group: forbidden.map((name) => `**/${name}/**`), message: "imports may only point to the left" }],
      },
    ],
  },
});

export default ts.config(
  { ignores: ["node_modules/", "src/protocol/types.ts"] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { extraFileExtensions: [".svelte"], parser: ts.parser, svelteConfig } },
  },
  {
    rules: {
      "no-undef": "off",
      "no-eval": "error",
      "svelte/no-at-html-tags": "error",
      "svelte/no-navigation-without-resolve": "off",
      "svelte/prefer-svelte-reactivity": "off",
      eqeqeq: "error",
    },
  },
  layer(["src/protocol/**"], ["stores", "panels", "editor", "app", "ui"]),
  layer(["src/math/**"], ["protocol", "stores", "panels", "editor", "app", "ui"]),
  layer(["src/stores/**"], ["panels", "editor", "app", "ui"]),
  layer(["src/sharing/**"], ["app"]),
  layer(["src/editor/**"], ["sharing", "app"]),
  layer(["src/panels/**"], ["editor", "sharing", "app"]),
);

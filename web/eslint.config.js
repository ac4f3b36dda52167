import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";

import svelteConfig from "./svelte.config.js";

export default ts.config(
    { ignores: ["node_modules", "e2e/screens", "e2e/results"] },
    js.configs.recommended,
    ...ts.configs.strict,
    ...svelte.configs.recommended,
    prettier,
    ...svelte.configs.prettier,
    {
        languageOptions: { globals: { ...globals.browser, ...globals.node } },
        rules: {
            "no-undef": "off", // TypeScript knows better
            "@typescript-eslint/no-non-null-assertion": "off",
            "svelte/no-at-html-tags": "error",
            "svelte/no-unused-svelte-ignore": "off", // it does not know all that svelte-check warns of
            "svelte/prefer-svelte-reactivity": "off", // maps that nothing is drawn from
            "svelte/no-navigation-without-resolve": "off", // that is SvelteKit's
        },
    },
    {
        files: ["**/*.svelte", "**/*.svelte.ts"],
        languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: [".svelte"], svelteConfig } },
    },
);

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
            "no-undef": "off", // TypeScript checks this
            "@typescript-eslint/no-non-null-assertion": "off",
            "svelte/no-at-html-tags": "error",
            "svelte/no-unused-svelte-ignore": "off", // the rule does not know all warnings of svelte-check
            "svelte/prefer-svelte-reactivity": "off", // these maps are not used for rendering
            "svelte/no-navigation-without-resolve": "off", // a rule for SvelteKit
        },
    },
    {
        files: ["**/*.svelte", "**/*.svelte.ts"],
        languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: [".svelte"], svelteConfig } },
    },
);

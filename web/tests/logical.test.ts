// Styles use logical properties, so that layouts mirror in right-to-left languages.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { describe, expect, test } from "vitest";

const src = resolve(import.meta.dirname, "../src");

/** Returns the physical declarations in CSS. */
function physical(css: string): string[] {
    const declarations = css.replace(/\/\*[^]*?\*\//g, "").matchAll(/(?<=[{;]\s*)([a-z-]+)\s*:\s*([^;{}]+)(?=[;}])/g);
    return [...declarations].filter(([, name, value]) => isPhysical(name!, value!)).map(([whole]) => whole);
}

function isPhysical(name: string, value: string): boolean {
    if (/^(left|right|float|clear)$|^(margin|padding|border)-(left|right)/.test(name)) return true;
    if (name === "text-align") return /^(left|right)$/.test(value.trim());
    if (!/^(margin|padding|inset|border-width|border-radius)$/.test(name)) return false;
    const [, right, , left] = parts(value);
    return left !== undefined && left !== right;
}

/** Splits a value into its parts: "0 calc(1px + 2px)" has two. */
function parts(value: string): string[] {
    let depth = 0;
    const found = [""];
    for (const letter of value.trim()) {
        if (letter === "(") depth++;
        if (letter === ")") depth--;
        if (depth === 0 && /\s/.test(letter)) found.push("");
        else found[found.length - 1] += letter;
    }
    return found.filter(Boolean);
}

const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => /\.(svelte|css)$/.test(file));

test.each(files)("%s", (file) => {
    const text = readFileSync(join(src, file), "utf8");
    const css = file.endsWith(".css") ? text : (/<style>([^]*)<\/style>/.exec(text)?.[1] ?? "");
    expect(physical(css)).toEqual([]);
});

describe("physical declarations", () => {
    test.each([
        ["a { padding: 1px 2px 3px 4px; }", 1],
        ["a { padding: 1px max(2px, 3px) 3px max(2px, 3px); }", 0],
        ["a { color: red; margin-left: 1px; }", 1],
        ["a { text-align: left; }", 1],
        ["a { text-align: start; margin-inline-start: 1px; }", 0],
        ["a { border-inline-end: 0; }", 0],
    ])("%s", (css, count) => {
        expect(physical(css)).toHaveLength(count);
    });
});

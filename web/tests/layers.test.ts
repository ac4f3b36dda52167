// Imports go shell -> screens -> lib, never up.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

import { describe, expect, test } from "vitest";

const src = resolve(import.meta.dirname, "../src");

/** For each folder, the folders that it must not import. */
const above: Record<string, string[]> = {
    lib: ["screens", "shell"],
    screens: ["shell"],
    worker: ["screens", "shell"],
};

/** The top folder or file of every import in a file, dynamic ones and types included. */
function importsOf(file: string): string[] {
    const text = readFileSync(join(src, file), "utf8");
    const names = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((found) => found[1]!);
    return names.map((name) => relative(src, resolve(dirname(join(src, file)), name)).split("/")[0]!);
}

describe.each(Object.entries(above))("%s", (folder, forbidden) => {
    const files = readdirSync(join(src, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => /\.(svelte|ts)$/.test(file))
        .map((file) => join(folder, file));

    test(`imports nothing from ${forbidden.join(" or ")}`, () => {
        const upward = files.filter((file) => importsOf(file).some((name) => forbidden.includes(name)));
        expect(upward).toEqual([]);
    });
});

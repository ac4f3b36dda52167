// Every catalogue has all texts that the client uses, with the same placeholders, and no others.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { describe, expect, test } from "vitest";

import type { Catalogue, Entry } from "../src/lib/i18n/catalogue";

const src = resolve(import.meta.dirname, "../src");
const locales = join(src, "locales");
const areas = readdirSync(join(locales, "en"));

const read = (language: string, area: string): Catalogue =>
    JSON.parse(readFileSync(join(locales, language, area), "utf8"));

const source = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(svelte|ts)$/.test(file) && !/\.test\.ts$/.test(file))
    .map((file) => readFileSync(join(src, file), "utf8"))
    .join("\n");

/** Returns the {placeholders} of an entry, in all its forms. */
const placeholders = (entry: Entry) =>
    [...new Set(JSON.stringify(entry).match(/\{\w+\}/g) ?? [])].filter((name) => name !== "{count}").sort();

/** A key that is built, such as "error.${code}", uses every key with that prefix. */
const prefixes = [...source.matchAll(/[`"']([a-z]+\.[a-z_.]*)\$\{/g)].map((found) => found[1]!);

const isUsed = (key: string) => source.includes(`"${key}"`) || prefixes.some((prefix) => key.startsWith(prefix));

describe.each(areas)("%s", (area) => {
    const english = read("en", area);

    test("every key is used", () => {
        expect(Object.keys(english).filter((key) => !isUsed(key))).toEqual([]);
    });

    test("every key starts with the name of its area", () => {
        const own = area.replace(".json", "");
        const allowed = own === "core" ? ["core", "error"] : [own];
        expect(Object.keys(english).filter((key) => !allowed.includes(key.split(".")[0]!))).toEqual([]);
    });

    test.each(readdirSync(locales).filter((language) => language !== "en"))("%s is complete", (language) => {
        const other = read(language, area);
        expect(Object.keys(other).sort()).toEqual(Object.keys(english).sort());
        for (const [key, entry] of Object.entries(english)) {
            expect(placeholders(other[key]!), key).toEqual(placeholders(entry));
            expect(typeof other[key], key).toBe(typeof entry);
        }
    });
});

test("every key in the source is in a catalogue", () => {
    const all = new Set(areas.flatMap((area) => Object.keys(read("en", area))));
    const names = areas.map((area) => area.replace(".json", "")).concat("error");
    const named = [...source.matchAll(new RegExp(`"((?:${names.join("|")})\\.[a-z0-9_.]+)"`, "g"))].map((m) => m[1]!);
    expect([...new Set(named)].filter((key) => !all.has(key))).toEqual([]);
});

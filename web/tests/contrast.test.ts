// Every pair of colours that is used together passes WCAG AA in each look.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { describe, expect, test } from "vitest";

import { contrast } from "../src/lib/session/accent";

const css = readFileSync(resolve(import.meta.dirname, "../src/styles/tokens.css"), "utf8");

/** Returns the tokens that a rule sets. */
function tokens(selector: string): Record<string, string> {
    const at = css.indexOf(`${selector} {`);
    if (at < 0) throw new Error(`tokens.css has no rule ${selector}`);
    const body = css.slice(css.indexOf("{", at) + 1, css.indexOf("}", at));
    return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((m) => [m[1]!, m[2]!]));
}

const light = tokens(":root");
const dark = tokens(':root[data-theme="dark"]');
const more = tokens(':root[data-contrast="more"]');

const looks = {
    light,
    dark: { ...light, ...dark },
    "light, more contrast": { ...light, ...more },
    "dark, more contrast": { ...light, ...dark, ...more },
};

/** Text and its backgrounds: 4.5 to 1. */
const texts: [string, string[]][] = [
    ["ink", ["ground", "surface", "sunken", "raised"]],
    ["quiet", ["ground", "surface", "sunken"]],
    ["link", ["ground", "surface", "sunken", "accent-soft"]],
    ["danger", ["ground", "surface", "sunken"]],
    ["on-accent", ["accent", "accent-strong"]],
    ["on-accent-soft", ["accent-soft"]],
    ["on-rose-soft", ["rose-soft"]],
    ["on-badge", ["badge"]],
    ["on-danger", ["danger"]],
    ["on-danger-soft", ["danger-soft"]],
    ["on-warn-soft", ["warn-soft"]],
    ["on-good-soft", ["good-soft"]],
    ["on-bubble-own", ["bubble-own"]],
    ["on-bubble-other", ["bubble-other"]],
    ["on-bubble-system", ["bubble-system"]],
    ["ground", ["ink"]],
];

/** Controls and the focus ring: 3 to 1. */
const shapes: [string, string[]][] = [
    ["edge", ["ground", "surface"]],
    ["accent", ["ground", "surface"]],
    ["seen", ["bubble-own"]],
    ["focus", ["ground", "surface", "sunken", "accent-soft"]],
];

describe.each(Object.entries(looks))("%s", (_, look: Record<string, string>) => {
    const colour = (name: string): string => {
        const value = look[name] ?? "";
        const other = /^var\(--([\w-]+)\)$/.exec(value);
        return other ? colour(other[1]!) : value;
    };
    const pairs = (list: [string, string[]][]) =>
        list.flatMap(([front, backs]) => backs.map((back) => [front, back] as const));

    test.each(pairs(texts))("%s can be read on %s", (front, back) => {
        expect(contrast(colour(front), colour(back))).toBeGreaterThanOrEqual(4.5);
    });

    test.each(pairs(shapes))("%s can be seen on %s", (front, back) => {
        expect(contrast(colour(front), colour(back))).toBeGreaterThanOrEqual(3);
    });
});

test("the dark palette is written once", () => {
    expect(css.match(/--ground:/g)).toHaveLength(2); // one for light, one for dark
});

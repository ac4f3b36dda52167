import { expect, test } from "vitest";

import { marked } from "./marks";

const write = (parts: { text: string; found: boolean }[]) =>
    parts.map((p) => (p.found ? `[${p.text}]` : p.text)).join("");

test.each([
    ["nothing found", [], "nothing found"],
    ["call 123 now", [{ start: 5, end: 8 }], "call [123] now"],
    ["all", [{ start: 0, end: 3 }], "[all]"],
    [
        "overlapping",
        [
            { start: 0, end: 4 },
            { start: 2, end: 7 },
        ],
        "[overlap]ping",
    ],
    [
        "one in another",
        [
            { start: 0, end: 10 },
            { start: 2, end: 4 },
        ],
        "[one in ano]ther",
    ],
    [
        "in any order",
        [
            { start: 7, end: 12 },
            { start: 0, end: 2 },
        ],
        "[in] any [order]",
    ],
])("%s with %j is marked", (text, findings, wanted) => {
    expect(write(marked(text, findings))).toBe(wanted);
});

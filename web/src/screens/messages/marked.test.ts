import { expect, test } from "vitest";

import { marked } from "./marked";

const written = (text: string, places: number[][]) =>
    marked(text, places)
        .map((part) => (part.marked ? `[${part.text}]` : part.text))
        .join("");

test.each([
    [
        "Which milk? Oat milk?",
        [
            [6, 10],
            [16, 20],
        ],
        "Which [milk]? Oat [milk]?",
    ],
    ["milk", [[0, 4]], "[milk]"],
    ["nothing", [], "nothing"],
    [
        "in any order",
        [
            [7, 12],
            [0, 2],
        ],
        "[in] any [order]",
    ],
    [
        "overlapping",
        [
            [0, 4],
            [2, 6],
        ],
        "[over]lapping",
    ],
    [
        "too short",
        [
            [4, 99],
            [-1, 0],
        ],
        "too short",
    ],
])("%s is marked", (text, places, expected) => {
    expect(written(text, places)).toBe(expected);
});

import { afterEach, expect, test, vi } from "vitest";

import { listenForEscape } from "./exit";

/** Presses keys at these times, and returns the number of exits. */
function press(keys: [key: string, at: number, repeat?: boolean][]): number {
    const leave = vi.fn();
    const stop = listenForEscape(leave);
    for (const [key, at, repeat] of keys) {
        const event = new KeyboardEvent("keydown", { key, repeat: repeat ?? false });
        Object.defineProperty(event, "timeStamp", { value: at });
        dispatchEvent(event);
    }
    stop();
    return leave.mock.calls.length;
}

afterEach(() => vi.restoreAllMocks());

test.each<[string, [string, number, boolean?][], number]>([
    [
        "Escape twice is an exit",
        [
            ["Escape", 1000],
            ["Escape", 1300],
        ],
        1,
    ],
    ["Escape once is not", [["Escape", 1000]], 0],
    [
        "two presses far apart are not",
        [
            ["Escape", 1000],
            ["Escape", 2000],
        ],
        0,
    ],
    [
        "nor are two with another key between them",
        [
            ["Escape", 1000],
            ["a", 1100],
            ["Escape", 1200],
        ],
        0,
    ],
    [
        "nor is a key that is held down",
        [
            ["Escape", 1000],
            ["Escape", 1100, true],
            ["Escape", 1200, true],
        ],
        0,
    ],
    ["the first key of a page never counts as the second press", [["Escape", 10]], 0],
])("%s", (_, keys, times) => {
    expect(press(keys)).toBe(times);
});

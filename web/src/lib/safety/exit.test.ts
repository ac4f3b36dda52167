import { afterEach, expect, test, vi } from "vitest";

import { listenForEscape } from "./exit";

/** Presses keys at these moments, and tells how often somebody has left. */
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
        "Escape twice leaves",
        [
            ["Escape", 1000],
            ["Escape", 1300],
        ],
        1,
    ],
    ["Escape once does not", [["Escape", 1000]], 0],
    [
        "two that are far apart do not",
        [
            ["Escape", 1000],
            ["Escape", 2000],
        ],
        0,
    ],
    [
        "nor with another key between",
        [
            ["Escape", 1000],
            ["a", 1100],
            ["Escape", 1200],
        ],
        0,
    ],
    [
        "nor one that is held down",
        [
            ["Escape", 1000],
            ["Escape", 1100, true],
            ["Escape", 1200, true],
        ],
        0,
    ],
    ["the very first key of a page is not the second", [["Escape", 10]], 0],
])("%s", (_, keys, times) => {
    expect(press(keys)).toBe(times);
});

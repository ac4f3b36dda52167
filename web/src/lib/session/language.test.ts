import { expect, test } from "vitest";

import { isToStore } from "./language";

test.each([
    ["an account without a language takes the one that is spoken", "", "", "es", true],
    ["what was chosen on this device goes before the account's", "en", "es", "es", true],
    ["the account's own goes before the browser's", "es", "", "es", false],
    ["a regional form of it stays", "es-MX", "es", "es", false],
    ["a language that the client does not speak stays", "fr", "", "en", false],
] as const)("%s", (_, stored, chosenHere, spoken, want) => {
    expect(isToStore(stored, chosenHere, spoken)).toBe(want);
});

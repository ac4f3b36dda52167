import { describe, expect, test } from "vitest";

import { accentTokens, contrast } from "./accent";

test("contrast is computed as WCAG defines it", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
    expect(contrast("#ffffff", "#7a9e99")).toBeCloseTo(2.93, 1);
});

describe.each(["#7a9e99", "#ffff00", "#000000", "#ffffff", "#ff0000", "#0000ff", "#808080"])(
    "with the accent %s",
    (accent) => {
        test.each([false, true])("text on the accent is readable (dark: %s)", (dark) => {
            const made = accentTokens(accent, dark);
            const onAccent = dark ? "#10201d" : "#ffffff";
            expect(contrast(made["accent"]!, onAccent)).toBeGreaterThanOrEqual(4.5);
            expect(contrast(made["accent-strong"]!, onAccent)).toBeGreaterThanOrEqual(4.5);
            expect(contrast(made["on-accent-soft"]!, made["accent-soft"]!)).toBeGreaterThanOrEqual(4.5);
            expect(contrast(made["link"]!, made["accent-soft"]!)).toBeGreaterThanOrEqual(4.5);
            expect(contrast(made["bubble-own"]!, dark ? "#f0f5f4" : "#ffffff")).toBeGreaterThanOrEqual(4.5);
        });
    },
);

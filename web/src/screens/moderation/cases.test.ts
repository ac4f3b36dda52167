import { describe, expect, test } from "vitest";

import { actionsFor, nextStep } from "./cases";

const message = {} as never;

describe("what can be decided", () => {
    test("a report is not approved", () => {
        expect(actionsFor({ kind: "report", message })).not.toContain("approve");
    });
    test("what is held can be let through", () => {
        expect(actionsFor({ kind: "held", message })).toContain("approve");
    });
    test("where there is no message, none is hidden", () => {
        expect(actionsFor({ kind: "report", message: null })).not.toContain("hide");
    });
});

test.each([
    [[], "warning"],
    [["warning"], "limited"],
    [["warning", "limited"], "suspended"],
    [["warning", "limited", "suspended"], "banned"],
    [["warning", "limited", "suspended", "banned"], "banned"],
    [["hidden", "removed"], "warning"],
])("after %j the ladder's next step is %s", (levels, step) => {
    expect(nextStep((levels as string[]).map((level) => ({ level, undone_at: "" })))).toBe(step);
});

test("what was taken back counts for nothing on the ladder", () => {
    expect(nextStep([{ level: "warning", undone_at: "2026-01-01" }])).toBe("warning");
});

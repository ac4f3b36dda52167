import { describe, expect, test } from "vitest";

import { actionsFor } from "./cases";

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

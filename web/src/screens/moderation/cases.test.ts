import { describe, expect, test } from "vitest";

import { actionsFor } from "./cases";

const message = {} as never;

describe("the possible decisions", () => {
    test("a report cannot be approved", () => {
        expect(actionsFor({ kind: "report", message })).not.toContain("approve");
    });
    test("a held message can be approved", () => {
        expect(actionsFor({ kind: "held", message })).toContain("approve");
    });
    test("without a message there is nothing to hide", () => {
        expect(actionsFor({ kind: "report", message: null })).not.toContain("hide");
    });
});

import { describe, expect, test } from "vitest";

import type { Preview } from "../../lib/api/moderation";
import type { Action } from "./cases";
import { effectsOf, isTold, lengthOf, overturns, type Planned } from "./effects";

const preview: Preview = {
    next_step: "limited",
    trust_score: 55,
    limited_days: 14,
    suspended_days: 7,
    appeal_window_days: 21,
};
const now = Date.parse("2026-01-01T12:00:00Z");
const message = { moderation_status: "", deleted: false };

function effects(action: Action, more: Partial<Planned> & { held?: boolean } = {}) {
    const { held = false, ...planned } = more;
    const it = {
        kind: "report",
        message: { ...message, moderation_status: held ? "pending" : "" },
        proposed: "",
        proposed_days: 0,
    } as unknown as NonNullable<Planned["it"]>;
    const all = effectsOf({ action, name: "Ben", preview, trust: 65, it, ...planned }, now);
    return Object.fromEntries(all.map(([key, params]) => [key.replace("moderation.effect_", ""), params ?? {}]));
}

describe("the effects of a decision", () => {
    test("a limit ends after the usual days and lowers the trust score", () => {
        expect(effects("limit")).toMatchObject({
            limit: { name: "Ben" },
            until: { date: "January 15, 2026" },
            told: {},
            trust_from: { from: 65, to: 55 },
            reporter: {},
        });
    });
    test("it ends after the given days", () => {
        expect(effects("suspend", { days: 3 })["until"]).toEqual({ date: "January 4, 2026" });
    });
    test("the next penalty step comes from the server", () => {
        expect(effects("enforce")).toMatchObject({ limit: {}, until: { date: "January 15, 2026" } });
        expect(effects("enforce", { preview: { ...preview, next_step: "banned" } })).toHaveProperty("second");
    });
    test.each(["hide", "remove"] as const)("to %s a message costs no trust, and is told", (action) => {
        expect(effects(action)).not.toHaveProperty("trust_from");
        expect(effects(action)).toHaveProperty("told");
    });
    test("the text of a removed message is deleted later", () => {
        expect(effects("remove")["destroyed"]).toEqual({ count: 21 });
    });
    test.each(["approve", "pre_approve", "dismiss"] as const)("to %s lets a held message through", (action) => {
        expect(effects(action, { held: true })).toHaveProperty("delivered");
        expect(effects(action)).not.toHaveProperty("delivered");
    });
    test.each(["warn", "limit", "suspend", "ban", "enforce"] as const)("to %s keeps a held message back", (action) => {
        expect(effects(action, { held: true })).toHaveProperty("not_delivered");
    });
    test("the member is told that their messages need approval, and until when", () => {
        expect(effects("pre_approve")).toMatchObject({ told: {}, until: { date: "January 15, 2026" } });
    });
    test("a member whose messages already need approval is not told", () => {
        const again = effects("pre_approve", { holdsAlready: true });
        expect(again).toHaveProperty("holds_already");
        expect(again).not.toHaveProperty("told");
        expect(again).not.toHaveProperty("until");
    });
    test("the member is not told about a dismissed report", () => {
        expect(Object.keys(effects("dismiss"))).toEqual(["dismiss", "reporter"]);
    });
    test("without a case there is no reporter to tell", () => {
        const all = effectsOf({ action: "warn", name: "Ben", preview }, now).map(([key]) => key);
        expect(all).toEqual(["moderation.effect_warn", "moderation.effect_told", "moderation.effect_trust"]);
    });
});

describe("a ban", () => {
    const it = { kind: "report", message: null, proposed: "ban", proposed_days: 90 } as const;

    test("needs a second moderator", () => {
        expect(effects("ban")).toHaveProperty("second");
    });
    test("takes effect at once if it confirms a proposal", () => {
        expect(effects("ban", { it, days: 90, mayBeSecond: true })).toHaveProperty("seconds");
    });
    test("needs a second moderator again if the number of days differs", () => {
        expect(effects("ban", { it, days: 30, mayBeSecond: true })).toHaveProperty("second");
    });
    test("cannot be confirmed by the moderator who proposed it", () => {
        expect(effects("ban", { it, days: 90 })).toHaveProperty("second");
    });
    test("can last longer than other penalties", () => {
        expect(lengthOf("ban", preview)).toEqual({ usual: 0, most: 3650 });
        expect(lengthOf("limit", preview)).toEqual({ usual: 14, most: 365 });
        expect(lengthOf("warn", preview)).toBeNull();
    });
});

test("a member who is told reads the note", () => {
    expect(isTold({ action: "warn" })).toBe(true);
    expect(isTold({ action: "pre_approve" })).toBe(true);
    expect(isTold({ action: "approve" })).toBe(false);
});

test.each([
    ["hidden", "moderation.overturn_message"],
    ["removed", "moderation.overturn_message"],
    ["suspended", "moderation.overturn_trust"],
    ["warning", "moderation.overturn_trust"],
] as const)("reversing %s has effects beyond the decision itself", (level, key) => {
    expect(overturns(level)).toContain(key);
    expect(overturns("switched")).not.toContain(key);
});

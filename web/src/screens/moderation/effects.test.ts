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

describe("what a decision will do", () => {
    test("a limit ends by itself as the settings have it, and costs trust", () => {
        expect(effects("limit")).toMatchObject({
            limit: { name: "Ben" },
            until: { date: "January 15, 2026" },
            told: {},
            trust_from: { from: 65, to: 55 },
            reporter: {},
        });
    });
    test("it ends after the days that were said", () => {
        expect(effects("suspend", { days: 3 })["until"]).toEqual({ date: "January 4, 2026" });
    });
    test("the ladder's next step is what the server says", () => {
        expect(effects("enforce")).toMatchObject({ limit: {}, until: { date: "January 15, 2026" } });
        expect(effects("enforce", { preview: { ...preview, next_step: "banned" } })).toHaveProperty("second");
    });
    test.each(["hide", "remove"] as const)("to %s a message costs no trust, and is told", (action) => {
        expect(effects(action)).not.toHaveProperty("trust_from");
        expect(effects(action)).toHaveProperty("told");
    });
    test("what is removed is destroyed later", () => {
        expect(effects("remove")["destroyed"]).toEqual({ count: 21 });
    });
    test.each(["approve", "pre_approve", "dismiss"] as const)("to %s lets a held message through", (action) => {
        expect(effects(action, { held: true })).toHaveProperty("delivered");
        expect(effects(action)).not.toHaveProperty("delivered");
    });
    test.each(["warn", "limit", "suspend", "ban", "enforce"] as const)("to %s keeps a held message back", (action) => {
        expect(effects(action, { held: true })).toHaveProperty("not_delivered");
    });
    test("to hold the next messages is told, and ends", () => {
        expect(effects("pre_approve")).toMatchObject({ told: {}, until: { date: "January 15, 2026" } });
    });
    test("whose messages wait already is told nothing", () => {
        const again = effects("pre_approve", { holdsAlready: true });
        expect(again).toHaveProperty("holds_already");
        expect(again).not.toHaveProperty("told");
        expect(again).not.toHaveProperty("until");
    });
    test("nothing is told of what was dismissed", () => {
        expect(Object.keys(effects("dismiss"))).toEqual(["dismiss", "reporter"]);
    });
    test("without a case there is no reporter to tell", () => {
        const all = effectsOf({ action: "warn", name: "Ben", preview }, now).map(([key]) => key);
        expect(all).toEqual(["moderation.effect_warn", "moderation.effect_told", "moderation.effect_trust"]);
    });
});

describe("a ban", () => {
    const it = { kind: "report", message: null, proposed: "ban", proposed_days: 90 } as const;

    test("waits for a second moderator", () => {
        expect(effects("ban")).toHaveProperty("second");
    });
    test("takes effect at once when it is what another has proposed", () => {
        expect(effects("ban", { it, days: 90, mayBeSecond: true })).toHaveProperty("seconds");
    });
    test("waits anew when it is for another time", () => {
        expect(effects("ban", { it, days: 30, mayBeSecond: true })).toHaveProperty("second");
    });
    test("is not seconded by whoever has proposed it", () => {
        expect(effects("ban", { it, days: 90 })).toHaveProperty("second");
    });
    test("can last longer than what one moderator decides alone", () => {
        expect(lengthOf("ban", preview)).toEqual({ usual: 0, most: 3650 });
        expect(lengthOf("limit", preview)).toEqual({ usual: 14, most: 365 });
        expect(lengthOf("warn", preview)).toBeNull();
    });
});

test("the note is read by whoever is told", () => {
    expect(isTold({ action: "warn" })).toBe(true);
    expect(isTold({ action: "pre_approve" })).toBe(true);
    expect(isTold({ action: "approve" })).toBe(false);
});

test.each([
    ["hidden", "moderation.overturn_message"],
    ["removed", "moderation.overturn_message"],
    ["suspended", "moderation.overturn_trust"],
    ["warning", "moderation.overturn_trust"],
] as const)("taking back that somebody was %s does more than undo it", (level, key) => {
    expect(overturns(level)).toContain(key);
    expect(overturns("switched")).not.toContain(key);
});

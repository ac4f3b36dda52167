import { expect, test } from "vitest";

import { restricts, type Standing } from "./moderation";

const free: Standing = {
    restriction_level: "none",
    restricted_until: "",
    reason: "",
    trust_score: 75,
    reports_received: 0,
    reports_verified: 0,
    requires_pre_approval: false,
    can_send_messages: true,
    can_start_conversations: true,
    message_limit_per_day: 0,
};

test("an unrestricted member has no restriction to remove", () => {
    expect(restricts(free)).toBe(false);
});

test.each<Partial<Standing>>([
    { restriction_level: "limited" },
    { requires_pre_approval: true },
    { can_send_messages: false },
    { can_start_conversations: false },
    { message_limit_per_day: 5 },
])("%j can be lifted", (changes) => {
    expect(restricts({ ...free, ...changes })).toBe(true);
});

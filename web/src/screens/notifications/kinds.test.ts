import { expect, test } from "vitest";

import { leadsTo } from "./kinds";

test.each([
    ["message", "abc", "/messages/abc"],
    ["request", "abc", "/messages/abc"],
    ["report_resolved", "", "/reports"],
    ["penalty", "", "/standing"],
    ["moderation_case", "abc", "/moderation/queue"],
    ["push_key_changed", "", "/settings/notifications"],
    ["something new", "", "/notifications"],
])("%s about %j leads to %s", (type, conversation, to) => {
    expect(leadsTo({ type, conversation })).toBe(to);
});

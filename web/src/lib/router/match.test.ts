import { expect, test } from "vitest";

import { match } from "./match";

test.each([
    ["/messages", "/messages", {}],
    ["/messages", "/messages/", {}],
    ["/messages/:id", "/messages/abc", { id: "abc" }],
    ["/auth/:token", "/auth/a%2Fb", { token: "a/b" }],
    ["/auth/:token", "/auth/%", { token: "%" }],
    ["/messages/:id", "/messages", null],
    ["/messages/:id", "/messages/a/b", null],
    ["/messages", "/requests", null],
])("%s and %s give %j", (pattern, path, params) => {
    expect(match(pattern, path)).toEqual(params);
});

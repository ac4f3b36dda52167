// Every screen is checked by axe and captured at least once. A new route needs a name here.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect, test } from "vitest";

import { routes } from "../src/routes";

const e2e = resolve(import.meta.dirname, "../e2e");
const journeys = readdirSync(e2e)
    .filter((file) => file.endsWith(".spec.ts"))
    .map((file) => readFileSync(join(e2e, file), "utf8"))
    .join("\n");

/** The name that is passed to inspect(), by route. */
const looks: Record<string, string> = {
    "/": "signin",
    "/signin": "signin",
    "/register": "register",
    "/forgot": "forgot",
    "/confirm": "resend",
    "/auth/confirm-verification/:token": "verify",
    "/auth/confirm-password-reset/:token": "reset",
    "/auth/confirm-email-change/:token": "change-email",
    "/welcome": "welcome-1",
    "/messages": "list",
    "/messages/requests": "requests-empty",
    "/messages/archived": "archived",
    "/messages/new": "new-group",
    "/messages/search": "search",
    "/messages/:id": "thread",
    "/messages/:id/contact": "contact",
    "/requests": "help-list",
    "/requests/new": "help-new",
    "/requests/:id": "help-own",
    "/requests/:id/edit": "help-edit",
    "/members/:id": "member",
    "/notifications": "notifications",
    "/settings": "settings",
    "/settings/profile": "profile",
    "/settings/privacy": "settings-privacy",
    "/settings/notifications": "settings-notifications",
    "/settings/look": "settings-look",
    "/settings/account": "settings-account",
    "/settings/sessions": "settings-sessions",
    "/settings/data": "settings-data",
    "/settings/audit": "settings-audit",
    "/settings/blocked": "blocked",
    "/reports": "reports",
    "/standing": "standing",
    "/guidelines": "guidelines",
    "/moderation": "moderation-overview",
    "/moderation/queue": "moderation-case",
    "/moderation/appeals": "moderation-appeals",
    "/moderation/screening": "moderation-screening",
    "/moderation/users/:id": "moderation-member",
    "/*": "not-found",
};

test.each(routes.map((route) => route.path))("%s is inspected", (path) => {
    expect(looks[path], "a name for its look").toBeDefined();
    expect(journeys).toContain(`"${looks[path]}"`);
});

// How cases are told, and what can be decided about them.
import type { Case } from "../../lib/api/moderation";
import { type Key, t } from "../../lib/i18n/index.svelte";

export const actions = ["dismiss", "warn", "hide", "remove", "limit", "suspend", "ban", "enforce"] as const;
export const releases = ["approve", "pre_approve"] as const;
export type Action = (typeof actions)[number] | (typeof releases)[number];

/** What can be decided about a case, the mildest first. */
export function actionsFor(c: Pick<Case, "kind" | "message">): Action[] {
    const all: Action[] = c.kind === "flag" || c.kind === "held" ? [...releases, ...actions] : [...actions];
    return c.message ? all : all.filter((action) => action !== "hide" && action !== "remove");
}

/** Why it is in the queue, in words. A flag names categories, a report one of the reasons. */
export function reasonOf(c: Pick<Case, "kind" | "reason">): string {
    if (c.kind === "report") return t(`safety.reason_${c.reason || "other"}` as Key);
    const categories = c.reason.split(",").map((name) => name.trim());
    return categories.filter(Boolean).map(categoryName).join(", ") || t("moderation.no_reason");
}

const categories = ["profanity", "harassment", "personal_data", "spam", "scam", "suspicious_link"];

export const categoryName = (name: string): string =>
    categories.includes(name) ? t(`moderation.category_${name}` as Key) : name;

const fields = ["name", "bio", "location", "title", "description", "category"];

/** How a field of a profile, a help request or a group is called. */
export const fieldName = (name: string): string =>
    fields.includes(name) ? t(`moderation.field_${name}` as Key) : name;

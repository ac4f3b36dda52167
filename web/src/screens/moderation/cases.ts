// Texts about cases, and the decisions that are possible.
import type { Case } from "../../lib/api/moderation";
import { type Key, t } from "../../lib/i18n/index.svelte";

export const actions = ["dismiss", "warn", "hide", "remove", "limit", "suspend", "ban", "enforce"] as const;
export const releases = ["approve", "pre_approve"] as const;
export type Action = (typeof actions)[number] | (typeof releases)[number];

/** Returns the possible decisions about a case, mildest first. */
export function actionsFor(c: Pick<Case, "kind" | "message">): Action[] {
    const all: Action[] = c.kind === "flag" || c.kind === "held" ? [...releases, ...actions] : [...actions];
    return c.message ? all : all.filter((action) => action !== "hide" && action !== "remove");
}

/** Returns why a case is in the queue: the categories of a flag, or the reason of a report. */
export function reasonOf(c: Pick<Case, "kind" | "reason">): string {
    if (c.kind === "report") return t(`safety.reason_${c.reason || "other"}` as Key);
    const categories = c.reason.split(",").map((name) => name.trim());
    return categories.filter(Boolean).map(categoryName).join(", ") || t("moderation.no_reason");
}

const categories = ["profanity", "harassment", "personal_data", "spam", "scam", "suspicious_link"];

export const categoryName = (name: string): string =>
    categories.includes(name) ? t(`moderation.category_${name}` as Key) : name;

const fields = ["name", "bio", "location", "title", "description", "category"];

/** Returns the name of a field of a profile, help request or group. */
export const fieldName = (name: string): string =>
    fields.includes(name) ? t(`moderation.field_${name}` as Key) : name;

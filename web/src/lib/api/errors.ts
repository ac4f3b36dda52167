// What went wrong, as codes that a catalogue has a sentence for.
import { type Key, type Params, t } from "../i18n/index.svelte";
import { Refusal } from "./client";
import { type Failure, readFailure } from "./failure";

export type { Failure } from "./failure";

/** Reads any error as a failure. */
export function failure(error: unknown): Failure {
    if (error instanceof Refusal) return readFailure(error.status, error.answer);
    return { status: -1, code: "", fields: {}, message: String(error), wait: 0 };
}

/** Whether it may well go better later without anybody doing anything. */
export const isPassing = (f: Failure) => f.status === 0 || f.status === 429 || f.status >= 500;

/** Codes that have a sentence of ours; for all others the server's own is shown. */
const known = new Set([
    "recipient_unavailable",
    "consent_pending",
    "conversation_closed",
    "blocked_by_you",
    "account_limited",
    "account_suspended",
    "account_banned",
    "edit_window_over",
    "unverified",
    "not_allowed",
    "moderators_only",
    "same_moderator",
    "content_blocked",
    "personal_data",
    "rate_limited",
    "daily_limit",
    "too_long",
    "blank",
]);

/** One sentence for the reader: what went wrong, and what to do. */
export function explain(error: unknown, params?: Params): string {
    const f = "status" in Object(error) && "fields" in Object(error) ? (error as Failure) : failure(error);
    if (known.has(f.code)) return t(`error.${f.code}` as Key, params);
    if (f.status === 0) return t("error.offline");
    if (f.status === 404) return t("error.gone");
    if (f.status === 507) return t("error.full");
    if (f.status >= 500) return t("error.server");
    return f.message && f.status > 0 ? f.message : t("error.unknown");
}

// Requests of moderators.
import * as v from "valibot";

import { auth } from "./auth";
import { ask } from "./client";
import { Appeal, Report } from "./safety";
import { Attachment, Pagination } from "./schemas";

const counts = v.object({
    pending: v.number(),
    by_reason: v.record(v.string(), v.number()),
    reports: v.number(),
    median_resolution_seconds: v.number(),
    p95_resolution_seconds: v.number(),
    false_positive_rate: v.number(),
    caught_automatically: v.number(),
    appeals: v.number(),
    appeals_upheld: v.number(),
    appeals_overturned: v.number(),
    mean_trust_score: v.number(),
    active_conversations: v.number(),
    messages: v.number(),
    messages_today: v.number(),
    help_connections: v.number(),
    recent: v.array(v.object({ what: v.string(), kind: v.string(), action: v.string(), at: v.string() })),
});
const Day = v.object({
    from: v.string(),
    messages: v.number(),
    active_conversations: v.number(),
    reports: v.number(),
    help_connections: v.number(),
});
export type Day = v.InferOutput<typeof Day>;

const Metrics = v.object({
    days: v.number(),
    metrics: counts,
    before: counts,
    change: v.record(v.string(), v.number()),
    daily: v.array(Day),
});
export type Metrics = v.InferOutput<typeof Metrics>;

export const metrics = (days: number) => ask(Metrics, "GET", "/moderation/metrics", { query: { days } });

export const Standing = v.object({
    restriction_level: v.string(),
    restricted_until: v.nullish(v.string(), ""),
    reason: v.nullish(v.string(), ""),
    trust_score: v.number(),
    reports_received: v.number(),
    reports_verified: v.number(),
    requires_pre_approval: v.boolean(),
    can_send_messages: v.boolean(),
    can_start_conversations: v.boolean(),
    message_limit_per_day: v.number(),
});
export type Standing = v.InferOutput<typeof Standing>;

/** Whether a standing has a restriction that a moderator could remove. */
export const restricts = (s: Standing): boolean =>
    s.restriction_level !== "none" ||
    s.requires_pre_approval ||
    !s.can_send_messages ||
    !s.can_start_conversations ||
    s.message_limit_per_day > 0;

export const Penalty = v.object({
    id: v.string(),
    level: v.string(),
    reason: v.nullish(v.string(), ""),
    starts_at: v.nullish(v.string(), ""),
    ends_at: v.nullish(v.string(), ""),
    undone_at: v.nullish(v.string(), ""),
    undone_note: v.nullish(v.string(), ""),
    user: v.nullish(v.string(), ""),
});
export type Penalty = v.InferOutput<typeof Penalty>;

const Quote = v.object({
    id: v.string(),
    sender: v.string(),
    content: v.string(),
    created_at: v.string(),
    edited_at: v.nullish(v.string(), ""),
});
export type Quote = v.InferOutput<typeof Quote>;

const Reported = v.nullable(
    v.object({
        id: v.string(),
        name: v.string(),
        created_at: v.nullish(v.string(), ""), // missing once the account was deleted
        standing: v.nullable(Standing),
    }),
);

/** The effects that a decision against a member would have now. */
const Preview = v.object({
    next_step: v.picklist(["warning", "limited", "suspended", "banned"]),
    trust_score: v.number(),
    limited_days: v.number(),
    suspended_days: v.number(),
    appeal_window_days: v.number(),
});
export type Preview = v.InferOutput<typeof Preview>;

/** The reported texts of a profile, help request or title, by field. */
const Texts = v.record(v.string(), v.string());

export const Case = v.object({
    id: v.string(),
    kind: v.picklist(["report", "flag", "held", "ban"]),
    status: v.string(),
    reason: v.string(),
    urgent: v.boolean(),
    burst: v.boolean(),
    claimed_by: v.string(),
    claimed_at: v.nullish(v.string(), ""),
    escalated_at: v.nullish(v.string(), ""),
    proposed: v.string(),
    proposed_by: v.string(),
    proposed_days: v.number(),
    action: v.string(),
    note: v.string(),
    created_at: v.string(),
    resolved_at: v.nullish(v.string(), ""),
    report: v.nullable(Report),
    flag: v.nullable(v.object({ reason: v.string(), subject_type: v.string(), subject: v.string() })),
    message: v.nullable(
        v.object({
            ...Quote.entries,
            deleted: v.boolean(),
            moderation_status: v.string(),
            flagged_reason: v.nullish(v.string(), ""),
            edits: v.nullable(v.array(Quote)),
            attachments: v.nullish(v.array(Attachment), []),
        }),
    ),
    context: v.nullable(v.array(Quote)),
    subject: v.nullable(Texts),
    later: v.nullish(v.array(Texts), null),
    reported: Reported,
    history: v.nullable(v.array(Penalty)),
    open_cases: v.number(),
    preview: Preview,
});
export type Case = v.InferOutput<typeof Case>;

export const queueStatuses = ["pending", "reviewed", "resolved"] as const;
export type QueueStatus = (typeof queueStatuses)[number];

export const queue = (status: QueueStatus, page: number) =>
    ask(v.object({ items: v.array(Case), appeals: v.number(), pagination: Pagination }), "GET", "/moderation/queue", {
        query: { status, page, limit: 20 },
    });

export const claim = (id: string) => ask(v.unknown(), "POST", `/moderation/queue/${id}/claim`);

/** Fetches a photo of a case as it was reported. It is not cached, because the server logs each view. */
export async function evidencePicture(id: string, name: string): Promise<Blob> {
    const path = `/api/moderation/queue/${encodeURIComponent(id)}/attachments/${encodeURIComponent(name)}`;
    const response = await fetch(path, { headers: { Authorization: auth.token } });
    if (!response.ok) throw new Error(`the picture was answered ${response.status}`);
    return response.blob();
}

export interface Decision {
    action: string;
    note: string;
    days?: number;
}

const Resolved = v.object({ awaiting: v.nullish(v.string(), "") });

/** Decides a case. Returns "second_moderator" if another moderator has to agree. */
export const resolve = (id: string, body: Decision) =>
    ask(Resolved, "POST", `/moderation/queue/${id}/resolve`, { body }).then((a) => a.awaiting);

const Moderated = v.object({
    user: Reported,
    standing: v.nullable(Standing),
    history: v.nullable(v.array(Penalty)),
    preview: Preview,
});
export type Moderated = v.InferOutput<typeof Moderated>;

export const moderated = (id: string) => ask(Moderated, "GET", `/moderation/users/${id}`);

/** Restricts a member without a case. Returns "second_moderator" if another moderator has to agree. */
export const restrict = (id: string, body: { level: string; days?: number; reason: string }) =>
    ask(Resolved, "POST", `/moderation/users/${id}/restrict`, { body }).then((a) => a.awaiting);

export const lift = (id: string, note: string) =>
    ask(v.unknown(), "POST", `/moderation/users/${id}/lift`, { body: { note } });

export const Appealed = v.object({
    appeal: v.object({ ...Appeal.entries, user: v.string() }),
    penalty: v.nullable(Penalty),
});
export type Appealed = v.InferOutput<typeof Appealed>;

export const appeals = (status: string, page: number) =>
    ask(v.object({ appeals: v.array(Appealed), pagination: Pagination }), "GET", "/moderation/appeals", {
        query: { status, page, limit: 20 },
    });

export const decideAppeal = (id: string, body: { outcome: "upheld" | "overturned"; note: string }) =>
    ask(v.unknown(), "POST", `/moderation/appeals/${id}/decide`, { body });

const Screening = v.object({
    screening: v.object({
        suggested_action: v.picklist(["allow", "review", "block"]),
        confidence: v.number(),
        categories: v.array(v.string()),
        explanation: v.string(),
        findings: v.array(
            v.object({ category: v.string(), confidence: v.number(), start: v.number(), end: v.number() }),
        ),
    }),
    settings: v.object({
        review: v.number(),
        block: v.number(),
        words: v.number(),
        hosts: v.number(),
        personal_data_policy: v.string(),
    }),
});
export type Screening = v.InferOutput<typeof Screening>;

/** Runs the automatic checks on a text without storing it. */
export const screen = (body: { text: string; review?: number; block?: number }) =>
    ask(Screening, "POST", "/moderation/screen", { body });

// The schemas of the server's answers. Fields that the client does not use are left out.
import * as v from "valibot";

const time = v.string();

export const Member = v.object({
    id: v.string(),
    name: v.string(),
    avatar: v.optional(v.string(), ""),
    location: v.optional(v.string(), ""),
    bio: v.optional(v.string(), ""),
    created_at: v.optional(time, ""),
});
export type Member = v.InferOutput<typeof Member>;

export const Participant = v.object({ ...Member.entries, role: v.optional(v.string(), "member") });
export type Participant = v.InferOutput<typeof Participant>;

/** The reader's account, including fields that others do not see. */
export const Account = v.object({
    ...Member.entries,
    role: v.optional(v.string(), "member"),
    language: v.optional(v.string(), ""),
    time_zone: v.optional(v.string(), ""),
    phone: v.optional(v.string(), ""),
    email: v.optional(v.string(), ""),
    verified: v.optional(v.boolean(), false),
});
export type Account = v.InferOutput<typeof Account>;

export const HelpRequest = v.object({
    id: v.string(),
    user: v.string(),
    kind: v.picklist(["need", "offer"]),
    title: v.string(),
    description: v.string(),
    category: v.string(),
    urgency: v.picklist(["low", "normal", "urgent", "critical"]),
    status: v.picklist(["open", "in_progress", "fulfilled", "closed"]),
    location: v.string(),
    created_at: time,
    updated_at: time,
});
export type HelpRequest = v.InferOutput<typeof HelpRequest>;

/** A photo of a message. */
export const Attachment = v.object({
    name: v.string(),
    type: v.string(),
    width: v.number(),
    height: v.number(),
    alt: v.optional(v.string(), ""),
    preview: v.optional(v.object({ width: v.number(), height: v.number() })),
});
export type Attachment = v.InferOutput<typeof Attachment>;

export const Message = v.object({
    id: v.string(),
    conversation: v.string(),
    seq: v.number(),
    sender: v.string(),
    recipient: v.string(),
    content: v.string(),
    message_type: v.string(),
    reply_to: v.string(),
    attachments: v.array(Attachment),
    status: v.string(),
    read_at: time,
    edited_at: time,
    deleted_at: time,
    moderation_status: v.string(),
    created_at: time,
    updated_at: time,
});
export type Message = v.InferOutput<typeof Message>;

export const Conversation = v.object({
    id: v.string(),
    kind: v.string(),
    status: v.string(),
    title: v.string(),
    created_by: v.string(),
    consent: v.string(),
    is_blocked: v.boolean(),
    last_seq: v.number(),
    last_message_at: time,
    last_message: v.nullable(Message),
    unread_count: v.number(),
    participants: v.array(Participant),
    help_request: v.nullable(HelpRequest),
    created_at: time,
    updated_at: time,
});
export type Conversation = v.InferOutput<typeof Conversation>;

export const ParticipantRow = v.object({
    id: v.string(),
    conversation: v.string(),
    user: v.string(),
    role: v.string(),
    consent: v.string(),
    left_at: v.optional(time, ""),
    last_read_seq: v.optional(v.number(), 0),
    last_delivered_seq: v.optional(v.number(), 0),
    unread_count: v.optional(v.number(), 0),
    muted_until: v.optional(time, ""),
    archived: v.optional(v.boolean(), false),
});
export type ParticipantRow = v.InferOutput<typeof ParticipantRow>;

export const Pagination = v.object({ page: v.number(), limit: v.number(), total: v.number() });
export const Cursor = v.object({ cursor: v.optional(v.string(), ""), limit: v.number(), has_more: v.boolean() });

export const Permissions = v.object({
    outcome: v.picklist(["accept", "request", "refuse"]),
    code: v.optional(v.string(), ""),
    contact_options: v.array(
        v.object({
            type: v.picklist(["message", "phone", "email"]),
            available: v.boolean(),
            requires_consent: v.boolean(),
        }),
    ),
});
export type Permissions = v.InferOutput<typeof Permissions>;

export const Preferences = v.object({
    id: v.string(),
    can_receive_from: v.picklist(["anyone", "help_connections", "nobody"]),
    auto_accept_help_requests: v.boolean(),
    email_notifications: v.boolean(),
    push_notifications: v.boolean(),
    quiet_hours_start: v.string(),
    quiet_hours_end: v.string(),
    read_receipts: v.boolean(),
    typing_indicators: v.boolean(),
    report_threshold: v.number(),
    show_text: v.optional(v.boolean(), false),
    let_through: v.optional(v.nullable(v.array(v.string())), []),
    let_through_urgent: v.optional(v.boolean(), false),
    /** By type and channel; missing entries are on. */
    notify: v.optional(v.nullable(v.record(v.string(), v.record(v.string(), v.boolean()))), null),
});
export type Preferences = v.InferOutput<typeof Preferences>;

export const Guidelines = v.object({
    text: v.string(),
    version: v.number(),
    accepted_version: v.optional(v.number(), 0),
});
export type Guidelines = v.InferOutput<typeof Guidelines>;

/** The public data of the collective: /api/collective. */
export const Collective = v.object({
    name: v.string(),
    accent: v.string(),
    logo: v.string(),
    registration: v.picklist(["open", "invite"]),
    edit_window_seconds: v.number(),
});
export type Collective = v.InferOutput<typeof Collective>;

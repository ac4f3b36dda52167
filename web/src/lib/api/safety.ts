// Reports, blocks, the reader's standing, and appeals.
import * as v from "valibot";

import { ask, filter, nothing, pageOf } from "./client";
import { Guidelines, Member, Pagination } from "./schemas";

export const subjects = ["message", "user", "help_request", "conversation"] as const;
export type Subject = (typeof subjects)[number];

export const reasons = ["spam", "harassment", "inappropriate", "scam", "other"] as const;
export type Reason = (typeof reasons)[number];

export const Report = v.object({
    id: v.string(),
    subject_type: v.string(),
    subject: v.string(),
    reason: v.string(),
    description: v.nullish(v.string(), ""),
    status: v.string(),
    created_at: v.string(),
});
export type Report = v.InferOutput<typeof Report>;

const places: Record<Subject, string> = {
    message: "messages",
    user: "users",
    help_request: "help_requests",
    conversation: "conversations",
};

export const report = (subject: Subject, id: string, body: { reason: Reason; description: string }) =>
    ask(v.object({ report: Report }), "POST", `/${places[subject]}/${id}/report`, { body }).then((a) => a.report);

export const listReports = (page: number) =>
    ask(pageOf(Report), "GET", "/collections/message_reports/records", {
        query: { sort: "-created_at", page, perPage: 20 },
    });

export const Word = v.object({ by_moderators: v.boolean(), created_at: v.string(), text: v.string() });
export type Word = v.InferOutput<typeof Word>;

const DialogueAnswer = v.object({ dialogue: v.nullable(v.array(Word)) });

/** Returns the questions of moderators about a report or an appeal, with the answers. */
export const dialogue = (about: "reports" | "appeals", id: string) =>
    ask(DialogueAnswer, "GET", `/${about}/${id}/dialogue`).then((a) => a.dialogue ?? []);

export const say = (about: "reports" | "appeals", id: string, text: string) =>
    ask(DialogueAnswer, "POST", `/${about}/${id}/dialogue`, { body: { text } }).then((a) => a.dialogue ?? []);

export const Block = v.object({
    id: v.string(),
    blocked: v.string(),
    created_at: v.string(),
    expand: v.optional(v.object({ blocked: v.optional(Member) }), {}),
});
export type Block = v.InferOutput<typeof Block>;

const blocks = "/collections/user_blocks/records";

export async function listBlocks(): Promise<Block[]> {
    const all: Block[] = [];
    for (let page = 1; ; page++) {
        const query = { expand: "blocked", sort: "-created_at", page, perPage: 200 };
        const answer = await ask(pageOf(Block), "GET", blocks, { query });
        all.push(...answer.items);
        if (page >= answer.totalPages) return all;
    }
}

/** Returns the reader's block of a member, if there is one. */
export async function blockOf(member: string): Promise<Block | undefined> {
    const query = { filter: filter("blocked = {:member}", { member }), perPage: 1 };
    return (await ask(pageOf(Block), "GET", blocks, { query })).items[0];
}

export const blockMember = (blocked: string) => ask(Block, "POST", blocks, { body: { blocked } });
export const unblockMember = (id: string) => ask(nothing, "DELETE", `${blocks}/${id}`);

export const Appeal = v.object({
    id: v.string(),
    text: v.nullish(v.string(), ""),
    status: v.string(),
    note: v.nullish(v.string(), ""),
    created_at: v.string(),
    decided_at: v.nullish(v.string(), ""),
});
export type Appeal = v.InferOutput<typeof Appeal>;

export const Decision = v.object({
    id: v.string(),
    level: v.string(),
    reason: v.string(),
    message: v.nullish(v.string(), ""),
    from: v.string(),
    until: v.nullish(v.string(), ""),
    stands: v.boolean(),
    can_appeal: v.boolean(),
});
export type Decision = v.InferOutput<typeof Decision>;

export const Standing = v.object({
    level: v.string(),
    reason: v.nullish(v.string(), ""),
    until: v.nullish(v.string(), ""),
    restrictions: v.object({
        can_send_messages: v.boolean(),
        can_start_conversations: v.boolean(),
        message_limit_per_day: v.number(),
        requires_pre_approval: v.boolean(),
    }),
    decisions: v.nullable(v.array(Decision)),
    appeal: v.nullable(Appeal),
    guidelines: v.optional(Guidelines),
});
export type Standing = v.InferOutput<typeof Standing>;

export const standing = () => ask(Standing, "GET", "/messaging/standing");

export const appeal = (text: string) =>
    ask(v.object({ appeal: Appeal }), "POST", "/moderation/appeals", { body: { text } }).then((a) => a.appeal);

const Entry = v.object({
    id: v.string(),
    action_type: v.string(),
    by: v.string(),
    message: v.nullish(v.string(), ""),
    created_at: v.string(),
});
export type Entry = v.InferOutput<typeof Entry>;

/** Returns a page of the audit log about the reader. */
export const audit = (page: number) =>
    ask(v.object({ entries: v.array(Entry), pagination: Pagination }), "GET", "/me/audit", {
        query: { page, limit: 50 },
    });

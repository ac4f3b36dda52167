// Conversations and the actions on them.
import * as v from "valibot";

import { ask, filter, nothing, pageOf } from "./client";
import { Conversation, Cursor, Message, Pagination, ParticipantRow, Permissions } from "./schemas";

export const listConversations = (
    query: { page?: number; limit?: number; consent?: string; archived?: boolean } = {},
) =>
    ask(v.object({ conversations: v.array(Conversation), pagination: Pagination }), "GET", "/conversations", { query });

export const viewConversation = (id: string) =>
    ask(v.object({ conversation: Conversation }), "GET", `/conversations/${id}`).then((a) => a.conversation);

const Started = v.object({ conversation: Conversation, message: Message, consent: v.string() });

export interface Start {
    recipient_id: string;
    help_request_id?: string;
    initial_message: string;
    /** The id of the first message, so that a repeated request stores it once. */
    id?: string;
    acknowledge?: string[];
}

export const startConversation = (body: Start) => ask(Started, "POST", "/conversations", { body });

export const startGroup = (body: { participant_ids: string[]; title: string; initial_message: string; id?: string }) =>
    ask(Started, "POST", "/conversations", { body });

const Stepped = v.object({ conversation: v.nullable(Conversation), consent: v.string() });

export const takeStep = (id: string, step: "accept" | "decline" | "leave" | "close") =>
    ask(Stepped, "POST", `/conversations/${id}/${step}`);

export const block = (id: string) => ask(nothing, "POST", `/conversations/${id}/block`);
export const unblock = (id: string) => ask(nothing, "DELETE", `/conversations/${id}/block`);

export const tellTyping = (id: string, isTyping: boolean) =>
    ask(nothing, "POST", `/conversations/${id}/typing`, { body: { is_typing: isTyping } });

export const permissions = (recipient: string, helpRequest?: string) =>
    ask(Permissions, "GET", "/messaging/permissions", {
        query: { recipient_id: recipient, help_request_id: helpRequest },
    });

/** Returns the participant rows of a conversation, which hold the read positions. */
export async function participantRows(conversation: string): Promise<ParticipantRow[]> {
    const page = await ask(pageOf(ParticipantRow), "GET", "/collections/conversation_participants/records", {
        query: { filter: filter("conversation = {:conversation}", { conversation }), perPage: 100, skipTotal: true },
    });
    return page.items;
}

/** Changes the reader's participant row: mutes or archives. */
export const changeOwnRow = (row: string, body: { muted_until?: string; archived?: boolean }) =>
    ask(ParticipantRow, "PATCH", `/collections/conversation_participants/records/${row}`, { body });

export const MessagePage = v.object({
    messages: v.array(Message),
    changed: v.optional(v.array(Message), []),
    conversation: Conversation,
    pagination: Cursor,
});

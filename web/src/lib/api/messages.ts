// The messages of a conversation.
import * as v from "valibot";

import { ask, nothing } from "./client";
import { MessagePage } from "./conversations";
import { Cursor, Message } from "./schemas";

export interface PageQuery extends Record<string, string | number | undefined> {
    limit?: number;
    cursor?: string;
    direction?: "older" | "newer";
    after?: number;
    changed_since?: string;
    wait?: number;
}

export const listMessages = (conversation: string, query: PageQuery = {}, signal?: AbortSignal) =>
    ask(MessagePage, "GET", `/conversations/${conversation}/messages`, signal ? { query, signal } : { query });

export const viewMessage = (id: string) => ask(Message, "GET", `/collections/messages/records/${id}`);

export interface Outgoing {
    id: string;
    content: string;
    reply_to?: string;
    acknowledge?: string[];
}

export const sendMessage = (conversation: string, body: Outgoing | FormData) =>
    ask(v.object({ message: Message }), "POST", `/conversations/${conversation}/messages`, { body }).then(
        (a) => a.message,
    );

export const editMessage = (id: string, content: string, acknowledge?: string[]) =>
    ask(Message, "PATCH", `/collections/messages/records/${id}`, {
        body: acknowledge ? { content, acknowledge } : { content },
    });

export const deleteMessage = (id: string) => ask(nothing, "DELETE", `/collections/messages/records/${id}`);

export const markRead = (id: string) =>
    ask(v.object({ message_id: v.string(), read_at: v.string() }), "PUT", `/messages/${id}/read`);

const FoundMessages = v.object({
    messages: v.array(Message),
    marks: v.record(v.string(), v.array(v.array(v.number()))),
    pagination: Cursor,
});
export type Found = v.InferOutput<typeof FoundMessages>;

export const searchMessages = (q: string, cursor = "") =>
    ask(FoundMessages, "GET", "/messages/search", { query: { q, limit: 20, cursor: cursor || undefined } });

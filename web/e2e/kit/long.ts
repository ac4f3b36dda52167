// A conversation of any length. The test answers in place of the server, whose limits would prevent sending that many messages.
import type { Page } from "@playwright/test";

export interface Long {
    conversation: string;
    /** The conversation as the server returns it. */
    whole: { last_message: object };
    /** The senders of the messages, in turn. */
    senders: [mine: string, theirs: string];
    many: number;
    /** Fields that differ in some messages, by seq. */
    changes?: Record<number, object>;
}

export const idOf = (seq: number) => `m${String(seq).padStart(14, "0")}`;

/** Returns the message with a seq. */
export function messageAt(
    seq: number,
    { whole, senders: [mine, theirs], changes }: Omit<Long, "conversation" | "many">,
) {
    const at = new Date(Date.parse("2026-01-01T00:00:00Z") + seq * 600_000).toISOString().replace("T", " ");
    return {
        ...whole.last_message,
        id: idOf(seq),
        seq,
        sender: seq % 3 ? theirs : mine,
        content: `Message ${seq}: ${"a few words more. ".repeat(seq % 7)}`,
        created_at: at,
        updated_at: at,
        ...changes?.[seq],
    };
}

/** Answers requests for the messages of a conversation. Returns the list of received queries, which grows. */
export async function answer(page: Page, long: Long): Promise<URLSearchParams[]> {
    const asked: URLSearchParams[] = [];
    await page.context().route(`**/api/conversations/${long.conversation}/messages?*`, (route) => {
        const query = new URL(route.request().url()).searchParams;
        asked.push(query);
        const limit = Number(query.get("limit") ?? 50);
        const newer = query.get("direction") === "newer";
        const from = newer ? Number(query.get("after") ?? 0) : Number(query.get("cursor") ?? long.many) - limit;
        const begin = Math.max(from, 0);
        const end = Math.min(from + limit, long.many);
        const messages = Array.from({ length: Math.max(end - begin, 0) }, (_, i) => messageAt(begin + i + 1, long));
        const more = newer ? end < long.many : begin > 0;
        const pagination = { cursor: more ? String(newer ? end : begin) : "", limit, has_more: more };
        return route.fulfill({ json: { messages, conversation: long.whole, pagination } });
    });
    return asked;
}

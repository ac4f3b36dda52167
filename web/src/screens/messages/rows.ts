// Builds the rows of a thread from messages and the outbox. Pure functions.
import type { Message, ParticipantRow } from "../../lib/api/schemas";
import type { Waiting } from "../../lib/sync/database";

export interface Row {
    key: string;
    message: Message | null;
    waiting: Waiting | null;
    /** The first message of a day, which has the day as a heading. */
    day: string;
    /** The first unread message, which has a line above it. */
    unread: boolean;
    /** The first of several messages by the same sender. */
    first: boolean;
}

/** Messages by the same sender within this time are grouped. */
const together = 5 * 60_000;

export function buildRows(
    messages: readonly Message[],
    waiting: readonly Waiting[],
    readBefore: number,
    me: string,
): Row[] {
    const known = new Set(messages.map((m) => m.id));
    const rows: Row[] = [];
    let day = "";
    let sender = "";
    let at = 0;
    let marked = false;
    for (const message of messages) {
        const time = Date.parse(message.created_at.replace(" ", "T"));
        const today = new Date(time).toDateString();
        const isUnread = !marked && readBefore > 0 && message.seq > readBefore && message.sender !== me;
        if (isUnread) marked = true;
        const newDay = today !== day;
        const first =
            newDay || isUnread || message.sender !== sender || message.message_type !== "text" || time - at > together;
        rows.push({
            key: message.id,
            message,
            waiting: null,
            day: newDay ? message.created_at : "",
            unread: isUnread,
            first,
        });
        [day, at] = [today, time];
        sender = message.message_type === "text" ? message.sender : "";
    }
    for (const entry of waiting) {
        if (known.has(entry.id)) continue;
        rows.push({ key: entry.id, message: null, waiting: entry, day: "", unread: false, first: sender !== me });
        sender = me;
    }
    return rows;
}

export type Tick = "sent" | "delivered" | "read";

/** The places up to which messages are delivered to the others and read by them. */
export interface Marks {
    delivered: number;
    read: number;
}

/** In a direct conversation, the newest receipt counts for all earlier messages. In a group, everyone has to be that far. */
export function marksOf(messages: readonly Message[], rows: readonly ParticipantRow[], me: string): Marks {
    const others = rows.filter((row) => row.user !== me && row.consent === "accepted" && !row.left_at);
    const least = (place: (row: ParticipantRow) => number) => (others.length ? Math.min(...others.map(place)) : 0);
    const marks = { delivered: least((row) => row.last_delivered_seq), read: least((row) => row.last_read_seq) };
    for (const m of messages) {
        if (m.sender !== me) continue;
        if (m.status === "read") marks.read = Math.max(marks.read, m.seq);
        if (m.status === "delivered") marks.delivered = Math.max(marks.delivered, m.seq);
    }
    return { read: marks.read, delivered: Math.max(marks.delivered, marks.read) };
}

export function tickOf(message: Message, marks: Marks): Tick {
    if (message.seq === 0) return "sent";
    if (message.seq <= marks.read) return "read";
    return message.seq <= marks.delivered ? "delivered" : "sent";
}

export type Part = { text: string; href?: string };

/** Splits a text at its URLs. */
export function linked(text: string): Part[] {
    const parts: Part[] = [];
    let end = 0;
    for (const found of text.matchAll(/\bhttps?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}']/g)) {
        if (found.index > end) parts.push({ text: text.slice(end, found.index) });
        parts.push({ text: found[0], href: found[0] });
        end = found.index + found[0].length;
    }
    if (end < text.length) parts.push({ text: text.slice(end) });
    return parts;
}

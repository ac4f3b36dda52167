// Merges lists of messages. Pure functions.
import type { Message } from "../api/schemas";

/** Orders by seq. Held messages have no seq yet and come last, by time. */
function compare(a: Message, b: Message): number {
    if (a.seq && b.seq) return a.seq - b.seq;
    if (a.seq !== b.seq) return a.seq ? -1 : 1;
    return a.created_at < b.created_at ? -1 : 1;
}

/** Merges messages: each once, in its newest version, in order. */
export function merge(known: readonly Message[], more: readonly Message[]): Message[] {
    if (more.length === 0) return known as Message[];
    const byId = new Map(known.map((message) => [message.id, message]));
    for (const message of more) {
        const old = byId.get(message.id);
        if (!old || old.updated_at <= message.updated_at) byId.set(message.id, message);
    }
    return [...byId.values()].sort(compare);
}

/** Whether a live message leaves a gap to the known ones, which then has to be loaded. */
export const leavesGap = (high: number, seq: number): boolean => seq > high + 1;

/** A part of a conversation, by its first and last `seq`. */
export interface Part {
    low: number;
    high: number;
}

/** Returns the messages within a part. */
export const within = ({ low, high }: Part, messages: readonly Message[]): Message[] =>
    messages.filter((m) => m.seq >= low && m.seq <= high);

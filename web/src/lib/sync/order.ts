// How messages are put together: pure.
import type { Message } from "../api/schemas";

/** By seq; what has none yet (held for a moderator) stands after all others, by time. */
function compare(a: Message, b: Message): number {
    if (a.seq && b.seq) return a.seq - b.seq;
    if (a.seq !== b.seq) return a.seq ? -1 : 1;
    return a.created_at < b.created_at ? -1 : 1;
}

/** Takes messages in: each once, the newer version of it, in order. */
export function merge(known: readonly Message[], more: readonly Message[]): Message[] {
    if (more.length === 0) return known as Message[];
    const byId = new Map(known.map((message) => [message.id, message]));
    for (const message of more) {
        const old = byId.get(message.id);
        if (!old || old.updated_at <= message.updated_at) byId.set(message.id, message);
    }
    return [...byId.values()].sort(compare);
}

/** Whether a message that came live leaves a gap to what is known: then it has to be asked what is in it. */
export const leavesGap = (high: number, seq: number): boolean => seq > high + 1;

/** A stretch of a conversation, by its first and its last place. */
export interface Part {
    low: number;
    high: number;
}

/** Those that stand in a stretch. */
export const within = ({ low, high }: Part, messages: readonly Message[]): Message[] =>
    messages.filter((m) => m.seq >= low && m.seq <= high);

// What is shown of one conversation and what the device keeps of it. The other parts of a thread work on this.
import type { Message } from "../../api/schemas";
import { messagesBetween, type Span } from "../database";
import { merge, type Part, within } from "../order";
import { sync } from "../sync.svelte";

/** How many messages a page holds. */
export const pageSize = 50;

export class Timeline {
    messages = $state.raw<Message[]>([]);
    hasOlder = $state(false);
    /** The reader looks at a part further back, so what is shown does not reach the end. */
    detached = $state(false);
    loading = $state(true);

    /** What the device keeps: everything the reader may see from `low` to `high`. */
    span: Span;
    /** While detached: the part of the conversation that is shown. */
    part: Part | null = null;
    closed = false;

    constructor(readonly id: string) {
        this.span = { conversation: id, low: 0, high: 0, cursor: "", known: "" };
    }

    /** Shows the newest messages that the device keeps. */
    async recall(): Promise<void> {
        const span = await sync.db.get("spans", this.id);
        if (!span) return;
        this.span = span;
        const from = Math.max(span.low, span.high - pageSize * 2);
        this.messages = await messagesBetween(sync.db, this.id, from, span.high);
        this.hasOlder = span.low < from || span.cursor !== "";
        if (this.messages.length > 0) this.loading = false;
    }

    /** Adds or replaces messages, on the screen and on the device. */
    async take(...messages: Message[]): Promise<void> {
        this.messages = merge(this.messages, this.part ? within(this.part, messages) : messages);
        await this.store(messages);
    }

    /** Stores messages on the device without showing them. */
    async store(messages: readonly Message[]): Promise<void> {
        if (!sync.isOpen) return;
        const tx = sync.db.transaction("messages", "readwrite");
        for (const message of messages) void tx.store.put(message);
        await tx.done;
    }

    /** Removes a message that was deleted for good. */
    remove(id: string): void {
        this.messages = this.messages.filter((m) => m.id !== id);
        if (sync.isOpen) void sync.db.delete("messages", id);
    }

    /** Shows a part that is not the end of the conversation. */
    show(part: Part, messages: Message[]): void {
        this.part = part;
        this.detached = true;
        this.hasOlder = part.low > 1;
        this.messages = messages;
    }

    /** Records how far the kept messages reach. */
    async keep(changes: Partial<Span>): Promise<void> {
        this.span = { ...this.span, ...changes };
        if (sync.isOpen && this.span.high > 0) await sync.db.put("spans", this.span);
    }
}

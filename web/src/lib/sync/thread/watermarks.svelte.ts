// How far each participant has read, and up to where the reader had read when the conversation was opened.
import * as conversations from "../../api/conversations";
import * as api from "../../api/messages";
import type { Message, ParticipantRow } from "../../api/schemas";
import { session } from "../../session/session.svelte";
import { inbox } from "../inbox.svelte";

export class Watermarks {
    rows = $state.raw<ParticipantRow[]>([]);
    /** The `seq` of the last message that was read when the conversation was opened. */
    readBefore = $state(0);

    constructor(readonly conversation: string) {}

    async load(): Promise<void> {
        try {
            this.rows = await conversations.participantRows(this.conversation);
            this.readBefore = this.rows.find((row) => row.user === session.id)?.last_read_seq ?? 0;
        } catch {
            // Offline: the ticks show what the messages say.
        }
    }

    put(row: ParticipantRow): void {
        if (row.conversation !== this.conversation) return;
        this.rows = [...this.rows.filter((known) => known.id !== row.id), row];
    }

    /** Marks everything up to a message as read. */
    async read(message: Message): Promise<void> {
        const own = this.rows.find((row) => row.user === session.id);
        if (!own || own.consent !== "accepted" || message.seq <= own.last_read_seq) return;
        this.rows = this.rows.map((row) => (row === own ? { ...own, last_read_seq: message.seq } : row));
        inbox.readAll(this.conversation);
        try {
            await api.markRead(message.id);
        } catch {
            // Taken back, so that the next look at the end tries again.
            this.rows = this.rows.map((row) => (row.user === session.id ? own : row));
        }
    }
}

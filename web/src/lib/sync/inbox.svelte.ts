// The list of conversations, kept right by events, and asked for anew after every gap.
import * as api from "../api/conversations";
import { failure } from "../api/errors";
import type { Conversation, Message, ParticipantRow } from "../api/schemas";
import { counts } from "../../shell/counts.svelte";
import { session } from "../session/session.svelte";
import type { News } from "./bus";
import { forgetConversation } from "./database";
import { sync } from "./sync.svelte";

const pageSize = 50;

class Inbox {
    all = $state.raw<Conversation[]>([]);
    /** The server has answered at least once. */
    fresh = $state(false);
    failed = $state(false);
    hasMore = $state(false);
    #pages = 1;
    /** How far one has read, as far as this device knows: an answer that was on its way meanwhile does not undo it. */
    #readUpTo = new Map<string, number>();
    #asked = new Map<string, Promise<void>>();

    /** One's own, newest first; requests to oneself stand apart. */
    get conversations(): Conversation[] {
        return this.all.filter((c) => !isRequest(c));
    }

    get requests(): Conversation[] {
        return this.all.filter(isRequest);
    }

    find(id: string): Conversation | undefined {
        return this.all.find((c) => c.id === id);
    }

    async open(): Promise<void> {
        this.all = sort(await sync.db.getAll("conversations"));
        this.#count();
        await this.refresh();
    }

    close(): void {
        this.all = [];
        this.fresh = this.failed = this.hasMore = false;
        this.#pages = 1;
        this.#readUpTo.clear();
        this.#count();
    }

    /** Asks for as many pages as are shown. What is not among them and is younger than their end is gone. */
    async refresh(): Promise<void> {
        try {
            const lists: Conversation[] = [];
            let total = 0;
            for (let page = 1; page <= this.#pages; page++) {
                const answer = await api.listConversations({ page, limit: pageSize });
                lists.push(...answer.conversations);
                total = answer.pagination.total;
                if (answer.conversations.length < pageSize) break;
            }
            this.hasMore = lists.length < total;
            const oldest = this.hasMore ? (lists.at(-1)?.last_message_at ?? "") : "";
            const gone = this.all.filter((c) => c.last_message_at >= oldest && !lists.some((l) => l.id === c.id));
            for (const c of gone) await this.#drop(c.id);
            await this.#take(...lists);
            this.fresh = true;
            this.failed = false;
        } catch {
            this.failed = true;
        }
    }

    async more(): Promise<void> {
        if (!this.hasMore) return;
        this.hasMore = false;
        this.#pages++;
        await this.refresh();
    }

    /** Takes a conversation in, as the server has just shown it. */
    async put(conversation: Conversation): Promise<void> {
        await this.#take(conversation);
    }

    /** Asks for one conversation; several questions at once are one. */
    ask(id: string): Promise<void> {
        const asked = this.#asked.get(id);
        if (asked) return asked;
        const asking = api
            .viewConversation(id)
            .then(
                (conversation) => this.#take(conversation),
                (error) => (failure(error).status === 404 ? this.#drop(id) : undefined),
            )
            .finally(() => this.#asked.delete(id));
        this.#asked.set(id, asking);
        return asking;
    }

    async remove(id: string): Promise<void> {
        await this.#drop(id);
    }

    /** One has read everything up to here: at once, whatever the server says later. */
    readAll(id: string): void {
        const c = this.find(id);
        if (c) this.#readUpTo.set(id, c.last_seq);
        if (c && c.unread_count > 0) void this.#take({ ...c, unread_count: 0 });
    }

    hear(news: News): void {
        if (news.type === "catch-up") void this.refresh();
        if (news.type === "sent") this.#message(news.message, "update");
        if (news.type !== "event") return;
        const { action, record } = news.data;
        if (news.topic === "messages/*") this.#message(record as Message, action ?? "");
        if (news.topic === "conversations/*") this.#conversation((record as { id: string }).id, action ?? "");
        if (news.topic === "conversation_participants/*") this.#participant(record as ParticipantRow);
    }

    #message(message: Message, action: string): void {
        const c = this.find(message.conversation);
        if (!c) return void this.ask(message.conversation);
        if (action === "delete") return void this.ask(c.id);
        const last = c.last_message;
        if (last && last.id !== message.id && message.seq !== 0 && message.seq <= last.seq) return;
        const isNew = action === "create" && last?.id !== message.id;
        const theirs = message.sender !== session.id;
        void this.#take({
            ...c,
            last_message: message,
            last_seq: Math.max(c.last_seq, message.seq),
            last_message_at: isNew || !last ? message.created_at : c.last_message_at,
            unread_count: c.unread_count + (isNew && theirs ? 1 : 0),
        });
    }

    #conversation(id: string, action: string): void {
        if (action === "delete") void this.#drop(id);
        else void this.ask(id);
    }

    #participant(row: ParticipantRow): void {
        const c = this.find(row.conversation);
        if (row.user !== session.id) {
            if (c && !c.participants.some((p) => p.id === row.user)) void this.ask(c.id);
            return;
        }
        if (row.left_at || row.consent === "declined") void this.#drop(row.conversation);
        else if (!c) void this.ask(row.conversation);
        else if (c.unread_count !== row.unread_count) void this.#take({ ...c, unread_count: row.unread_count });
    }

    async #take(...conversations: Conversation[]): Promise<void> {
        const byId = new Map(this.all.map((c) => [c.id, c]));
        for (const c of conversations) {
            const isRead = (this.#readUpTo.get(c.id) ?? 0) >= c.last_seq;
            byId.set(c.id, isRead ? { ...c, unread_count: 0 } : c);
        }
        this.all = sort([...byId.values()]);
        this.#count();
        if (!sync.isOpen) return;
        const tx = sync.db.transaction("conversations", "readwrite");
        for (const { id } of conversations) void tx.store.put(byId.get(id)!);
        await tx.done;
    }

    async #drop(id: string): Promise<void> {
        this.all = this.all.filter((c) => c.id !== id);
        this.#count();
        if (sync.isOpen) await forgetConversation(sync.db, id);
    }

    #count(): void {
        counts.messages = this.all.reduce((sum, c) => sum + (c.unread_count > 0 || isRequest(c) ? 1 : 0), 0);
    }
}

const sort = (all: Conversation[]) => all.sort((a, b) => (a.last_message_at < b.last_message_at ? 1 : -1));

/** Somebody asks the reader for consent. */
export const isRequest = (c: Conversation): boolean => c.consent === "pending" && c.created_by !== session.id;

/** The other one of two. */
export const otherOf = (c: Conversation) => c.participants.find((p) => p.id !== session.id);

export const inbox = new Inbox();

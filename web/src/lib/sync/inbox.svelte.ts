// The list of conversations. Events keep it up to date, and it is reloaded after every gap.
import * as api from "../api/conversations";
import { failure } from "../api/errors";
import type { Conversation, Message, ParticipantRow } from "../api/schemas";
import { session } from "../session/session.svelte";
import type { News } from "./bus";
import { counts } from "./counts.svelte";
import { forgetConversation, type Kept } from "./database";
import { sync } from "./sync.svelte";

const pageSize = 50;

/** One of the two lists: current or archived conversations. */
class Shelf {
    /** The server has answered at least once. */
    fresh = $state(false);
    failed = $state(false);
    hasMore = $state(false);
    /** The number of pages that are shown; 0 before the list is opened. */
    pages = 0;

    constructor(readonly archived: boolean) {}

    clear(): void {
        this.fresh = this.failed = this.hasMore = false;
        this.pages = 0;
    }
}

class Inbox {
    readonly current = new Shelf(false);
    readonly archive = new Shelf(true);
    all = $state.raw<Kept[]>([]);
    /** How far the reader has read on this device, by conversation. A late answer must not undo it. */
    #readUpTo = new Map<string, number>();
    #asked = new Map<string, Promise<void>>();

    /** The current conversations, newest first, without requests and archived ones. */
    get conversations(): Conversation[] {
        return this.all.filter((c) => !isRequest(c) && !c.archived);
    }

    get archived(): Conversation[] {
        return this.all.filter((c) => !isRequest(c) && c.archived);
    }

    get requests(): Conversation[] {
        return this.all.filter(isRequest);
    }

    find(id: string): Kept | undefined {
        return this.all.find((c) => c.id === id);
    }

    async open(): Promise<void> {
        this.all = sort(await sync.db.getAll("conversations"));
        this.#count();
        this.current.pages = 1;
        await this.refresh();
    }

    /** Loads the archive. From now on it is kept up to date too. */
    async openArchive(): Promise<void> {
        if (this.archive.pages > 0) return;
        this.archive.pages = 1;
        await this.#renew(this.archive);
    }

    close(): void {
        this.all = [];
        this.current.clear();
        this.archive.clear();
        this.#readUpTo.clear();
        this.#count();
    }

    /** Reloads the pages that are shown. */
    async refresh(): Promise<void> {
        await Promise.all([this.current, this.archive].map((shelf) => this.#renew(shelf)));
    }

    async more(shelf: Shelf): Promise<void> {
        if (!shelf.hasMore) return;
        shelf.hasMore = false;
        shelf.pages++;
        await this.#renew(shelf);
    }

    async #renew(shelf: Shelf): Promise<void> {
        if (shelf.pages === 0) return;
        try {
            const { archived } = shelf;
            const list: Kept[] = [];
            let total = 0;
            for (let page = 1; page <= shelf.pages; page++) {
                const answer = await api.listConversations({ page, limit: pageSize, archived });
                list.push(...answer.conversations.map((c) => ({ ...c, archived })));
                total = answer.pagination.total;
                if (answer.conversations.length < pageSize) break;
            }
            shelf.hasMore = list.length < total;
            await this.#lookForMissing(shelf, list);
            await this.#take(...list);
            shelf.fresh = true;
            shelf.failed = false;
        } catch {
            shelf.failed = true;
        }
    }

    /** Checks conversations that should be in the list but are not: they are gone, or in the other list. */
    async #lookForMissing(shelf: Shelf, list: Kept[]): Promise<void> {
        const listed = new Set(list.map((c) => c.id));
        const oldest = shelf.hasMore ? (list.at(-1)?.last_message_at ?? "") : "";
        const missing = this.all.filter(
            (c) => Boolean(c.archived) === shelf.archived && c.last_message_at >= oldest && !listed.has(c.id),
        );
        await Promise.all(missing.map((c) => this.#askAnew(c.id)));
    }

    /** Adds or replaces a conversation that the server just returned. */
    async put(conversation: Conversation): Promise<void> {
        await this.#take(conversation);
    }

    /** Loads one conversation. Simultaneous calls share one request. */
    ask(id: string): Promise<void> {
        return this.find(id)?.archived === undefined
            ? this.#askAnew(id)
            : this.#once(id, async () => this.#take(await api.viewConversation(id)));
    }

    /** Loads one conversation and the reader's participant row, which says whether it is archived. */
    #askAnew(id: string): Promise<void> {
        return this.#once(id, async () => {
            const [conversation, rows] = await Promise.all([api.viewConversation(id), api.participantRows(id)]);
            await this.#take({ ...conversation, archived: rows.some((r) => r.user === session.id && r.archived) });
        });
    }

    #once(id: string, question: () => Promise<void>): Promise<void> {
        const asked = this.#asked.get(id);
        if (asked) return asked;
        const asking = question()
            .catch((error: unknown) => (failure(error).status === 404 ? this.#drop(id) : undefined))
            .finally(() => this.#asked.delete(id));
        this.#asked.set(id, asking);
        return asking;
    }

    /** Moves a conversation into the archive or out of it. */
    async shelve(id: string, archived: boolean): Promise<void> {
        const c = this.find(id);
        if (c) await this.#take({ ...c, archived });
    }

    async remove(id: string): Promise<void> {
        await this.#drop(id);
    }

    /** Marks a conversation as read at once, without waiting for the server. */
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
        else if (c.unread_count !== row.unread_count || c.archived !== row.archived)
            void this.#take({ ...c, unread_count: row.unread_count, archived: row.archived });
    }

    async #take(...conversations: Kept[]): Promise<void> {
        const byId = new Map(this.all.map((c) => [c.id, c]));
        for (const taken of conversations) {
            const archived = taken.archived ?? byId.get(taken.id)?.archived;
            const c: Kept = archived === undefined ? taken : { ...taken, archived };
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
        counts.messages = this.all.filter((c) => !c.archived && (c.unread_count > 0 || isRequest(c))).length;
    }
}

const sort = (all: Kept[]) => all.sort((a, b) => (a.last_message_at < b.last_message_at ? 1 : -1));

/** Whether a conversation is a request that waits for the reader's consent. */
export const isRequest = (c: Conversation): boolean => c.consent === "pending" && c.created_by !== session.id;

/** Returns the other participant of a direct conversation. */
export const otherOf = (c: Conversation) => c.participants.find((p) => p.id !== session.id);

export const inbox = new Inbox();

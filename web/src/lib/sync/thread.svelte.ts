// One open conversation: what is kept of it, what came meanwhile, what waits to be sent, who types, who has read how far.
import * as conversations from "../api/conversations";
import { failure } from "../api/errors";
import * as api from "../api/messages";
import { serverNow } from "../api/client";
import type { Conversation, Message, ParticipantRow } from "../api/schemas";
import { session } from "../session/session.svelte";
import type { News } from "./bus";
import { byPlace, messagesBetween, type Span } from "./database";
import { inbox } from "./inbox.svelte";
import { leavesGap, merge, within, type Part } from "./order";
import { sync } from "./sync.svelte";

const pageSize = 50;
/** This much is shown before and after a message that somebody has come to from elsewhere. */
const around = 25;
/** Who was away for more than this begins at the newest page again. */
const mostToCatchUp = 5;
/** A member who types says so every few seconds. */
const typingLasts = 9_000;

export class Thread {
    messages = $state.raw<Message[]>([]);
    rows = $state.raw<ParticipantRow[]>([]);
    typing = $state.raw<string[]>([]);
    hasOlder = $state(false);
    /** What is shown does not reach to the end: somebody looks at a place further back. */
    detached = $state(false);
    /** Set while older messages are put in front: the list keeps its place. */
    prepending = $state(false);
    loading = $state(true);
    /** It is no longer the reader's to see. */
    gone = $state(false);
    /** The last that had been read when the conversation was opened. */
    readBefore = $state(0);

    #span: Span;
    /** While detached: everything one may see of this stretch is shown. */
    #part: Part | null = null;
    #following: Promise<void> | null = null;
    #ended = false;
    #typists = new Map<string, ReturnType<typeof setTimeout>>();
    #catching: Promise<void> | null = null;
    #again = false;
    #polling: AbortController | null = null;

    constructor(readonly id: string) {
        this.#span = { conversation: id, low: 0, high: 0, cursor: "", known: "" };
    }

    get conversation(): Conversation | undefined {
        return inbox.find(this.id);
    }

    async open(): Promise<void> {
        await this.#recall();
        await Promise.all([this.catchUp(), this.#readRows()]);
        this.loading = false;
    }

    close(): void {
        this.#ended = true;
        this.#polling?.abort();
        for (const timer of this.#typists.values()) clearTimeout(timer);
    }

    /** Everything newer than what is known, and what has changed of it. Questions that come meanwhile are one more. */
    catchUp(): Promise<void> {
        if (this.#catching) this.#again = true;
        this.#catching ??= this.#catchUp().finally(() => {
            this.#catching = null;
            if (this.#again && !this.#ended) {
                this.#again = false;
                void this.catchUp();
            }
        });
        return this.#catching;
    }

    async loadOlder(): Promise<void> {
        if (this.prepending || this.#following || !this.hasOlder) return;
        this.prepending = true;
        try {
            if (this.#isBeforeKept) await this.#fetchPart(this.#part!.low - pageSize, this.#part!.low - 1);
            else if (!(await this.#recallOlder())) await this.#fetchOlder();
        } catch {
            // The reader scrolls again, or the connection comes back.
        } finally {
            // The list has to see what was put in front and the word for it at the same time.
            setTimeout(() => (this.prepending = false));
        }
    }

    /**
     * Shows what stands around a place, however far back that is. Answers the message that is nearest to it, or nothing
     * if it cannot be had now.
     */
    async goTo(seq: number): Promise<Message | undefined> {
        const near = () => this.messages.findLast((m) => m.seq > 0 && m.seq <= seq) ?? this.messages[0];
        if (this.messages.some((m) => m.seq === seq)) return near();
        const part = { low: Math.max(1, seq - around), high: seq + around };
        const isKept = part.low >= this.#span.low && seq <= this.#span.high;
        try {
            const found = isKept
                ? await messagesBetween(sync.db, this.id, part.low, part.high)
                : await this.#fetch(part.low, part.high);
            if (this.#ended || found.length === 0) return undefined;
            this.#show(part, merge([], found));
        } catch {
            return undefined;
        }
        await this.#join();
        return near();
    }

    /** What comes after a stretch further back, until that reaches to the end. Several wishes at once are one. */
    loadNewer(): Promise<void> {
        if (!this.#part) return Promise.resolve();
        this.#following ??= this.#loadNewer(this.#part.high)
            .catch(() => undefined) // the reader scrolls again
            .finally(() => (this.#following = null));
        return this.#following;
    }

    /** Back to the newest. */
    async leavePart(): Promise<void> {
        if (!this.#part) return;
        this.#part = null;
        this.detached = false;
        await this.#recall();
        void this.catchUp();
    }

    hear(news: News): void {
        if (news.type === "catch-up") void this.catchUp();
        if (news.type === "link") this.#pollWhile(news.state === "polling");
        if (news.type === "sent" && news.message.conversation === this.id) this.#arrived(news.message);
        if (news.type !== "event") return;
        const { action, record } = news.data;
        if (news.topic === "messages/*" && (record as Message).conversation === this.id) {
            if (action === "delete") this.#vanished((record as Message).id);
            else this.#arrived(record as Message);
        }
        if (news.topic === "conversation_participants/*") this.#row(record as ParticipantRow);
        if (news.topic === `typing/${this.id}`) this.#types(String(news.data["user"]), news.data["is_typing"] === true);
    }

    /** Polls for as long as streams do not come through. */
    async #pollWhile(polling: boolean): Promise<void> {
        if (!polling || this.#polling || this.#ended) {
            if (!polling) this.#polling?.abort();
            return;
        }
        const asking = (this.#polling = new AbortController());
        while (!asking.signal.aborted && !this.#ended) {
            try {
                await this.#catching;
                const query = { direction: "newer" as const, after: this.#span.high, wait: 25 };
                const page = await api.listMessages(this.id, query, asking.signal);
                await this.#newer(page.messages);
                void inbox.put(page.conversation);
            } catch {
                await new Promise((later) => setTimeout(later, 3_000));
            }
        }
        this.#polling = null;
    }

    poll(): void {
        void this.#pollWhile(sync.link === "polling");
    }

    /** Puts a changed message into its place, here and on the device. */
    async take(...messages: Message[]): Promise<void> {
        this.messages = merge(this.messages, this.#part ? within(this.#part, messages) : messages);
        if (!sync.isOpen) return;
        const tx = sync.db.transaction("messages", "readwrite");
        for (const message of messages) void tx.store.put(message);
        await tx.done;
    }

    /** Reads everything up to a message. */
    async read(message: Message): Promise<void> {
        const own = this.rows.find((row) => row.user === session.id);
        if (!own || own.consent !== "accepted" || message.seq <= own.last_read_seq) return;
        this.rows = this.rows.map((row) => (row === own ? { ...own, last_read_seq: message.seq } : row));
        inbox.readAll(this.id);
        try {
            await api.markRead(message.id);
        } catch {
            this.rows = this.rows.map((row) => (row.user === session.id ? own : row)); // tried again at the next look
        }
    }

    async #recall(): Promise<void> {
        const span = await sync.db.get("spans", this.id);
        if (!span) return;
        this.#span = span;
        const from = Math.max(span.low, span.high - pageSize * 2);
        this.messages = await messagesBetween(sync.db, this.id, from, span.high);
        this.hasOlder = span.low < from || span.cursor !== "";
        if (this.messages.length > 0) this.loading = false;
    }

    async #catchUp(): Promise<void> {
        try {
            if (this.#span.high === 0) return await this.#begin();
            for (let round = 0; ; round++) {
                if (round === mostToCatchUp) return await this.#begin();
                const changed_since = round === 0 && this.#span.known ? this.#span.known : undefined;
                const page = await api.listMessages(this.id, {
                    direction: "newer",
                    after: this.#span.high,
                    limit: 200,
                    ...(changed_since && { changed_since }),
                });
                if (this.#ended) return;
                const shown = new Set(this.messages.map((m) => m.id));
                await this.take(...page.changed.filter((m) => shown.has(m.id)));
                await this.#newer(page.messages);
                void inbox.put(page.conversation);
                if (!page.pagination.has_more) break;
            }
            await this.#keep({ known: serverNow() });
        } catch (error) {
            if (failure(error).status === 404) this.gone = true;
        }
    }

    /** Begins with the newest page; what was kept of older times is not known to be whole any more. */
    async #begin(): Promise<void> {
        const page = await api.listMessages(this.id, { limit: pageSize });
        if (this.#ended) return;
        const places = page.messages.filter((m) => m.seq > 0).map((m) => m.seq);
        const cursor = page.pagination.has_more ? page.pagination.cursor : "";
        if (!this.#part) {
            this.messages = merge([], page.messages);
            this.hasOlder = cursor !== "";
        }
        await this.take(...page.messages);
        await this.#keep({
            low: Math.min(...places, Infinity),
            high: Math.max(...places, 0),
            cursor,
            known: serverNow(),
        });
        void inbox.put(page.conversation);
    }

    async #newer(messages: Message[]): Promise<void> {
        if (messages.length === 0) return;
        await this.take(...messages);
        const places = messages.map((m) => m.seq);
        await this.#keep({
            high: Math.max(this.#span.high, ...places),
            low: Math.min(this.#span.low || Infinity, ...places),
        });
    }

    async #recallOlder(): Promise<boolean> {
        const first = this.messages[0]?.seq ?? 0;
        if (first <= this.#span.low) return false;
        const low = Math.max(this.#span.low, first - pageSize);
        const kept = await messagesBetween(sync.db, this.id, low, first - 1);
        if (kept.length === 0) return false;
        if (this.#part) this.#part = { ...this.#part, low };
        this.messages = merge(kept, this.messages);
        this.hasOlder = kept[0]!.seq > this.#span.low || this.#span.cursor !== "";
        return true;
    }

    get #isBeforeKept(): boolean {
        return this.#part !== null && this.#part.low < this.#span.low;
    }

    #show(part: Part, messages: Message[]): void {
        this.#part = part;
        this.detached = true;
        this.hasOlder = part.low > 1;
        this.messages = messages;
    }

    /** Everything between two places, from the server. */
    async #fetch(low: number, high: number): Promise<Message[]> {
        const page = await api.listMessages(this.id, {
            direction: "newer",
            after: Math.max(low, 1) - 1,
            limit: high - Math.max(low, 1) + 1,
        });
        const found = page.messages.filter((m) => m.seq > 0 && m.seq <= high);
        if (sync.isOpen) {
            const tx = sync.db.transaction("messages", "readwrite");
            for (const message of found) void tx.store.put(message);
            await tx.done;
        }
        return found;
    }

    /** Puts a stretch to what is shown, before or after it. */
    async #fetchPart(low: number, high: number): Promise<void> {
        const found = await this.#fetch(low, high);
        if (this.#ended || !this.#part) return;
        this.#show(
            { low: Math.max(1, Math.min(this.#part.low, low)), high: Math.max(this.#part.high, high) },
            merge(this.messages, found),
        );
        await this.#join();
    }

    async #loadNewer(from: number): Promise<void> {
        if (from < this.#span.low - 1) return this.#fetchPart(from + 1, from + pageSize);
        const kept = await messagesBetween(sync.db, this.id, from + 1, from + pageSize);
        if (this.#ended || !this.#part) return;
        this.#show({ ...this.#part, high: from + pageSize }, merge(this.messages, kept));
        await this.#join();
    }

    /** Once a stretch reaches to what is kept it is a part of that; once it reaches to the end it is no part any more. */
    async #join(): Promise<void> {
        const part = this.#part;
        if (!part || this.#span.high === 0) return;
        if (part.high >= this.#span.low - 1 && part.low < this.#span.low)
            await this.#keep({ low: part.low, cursor: part.low > 1 ? byPlace : "" });
        if (part.low >= this.#span.low) this.hasOlder = part.low > this.#span.low || this.#span.cursor !== "";
        if (part.high < this.#span.high) return;
        this.#part = null;
        this.detached = false;
        void this.catchUp();
    }

    async #fetchOlder(): Promise<void> {
        if (this.#span.cursor === byPlace) return this.#fetchOlderByPlace();
        const page = await api.listMessages(this.id, {
            cursor: this.#span.cursor,
            limit: pageSize,
            direction: "older",
        });
        if (this.#ended) return;
        const low = Math.min(this.#span.low, ...page.messages.map((m) => m.seq).filter((seq) => seq > 0));
        if (this.#part) this.#part = { ...this.#part, low };
        await this.take(...page.messages);
        const cursor = page.pagination.has_more ? page.pagination.cursor : "";
        await this.#keep({ low, cursor });
        this.hasOlder = cursor !== "";
    }

    async #fetchOlderByPlace(): Promise<void> {
        const low = Math.max(1, this.#span.low - pageSize);
        const found = await this.#fetch(low, this.#span.low - 1);
        if (this.#ended) return;
        this.messages = merge(found, this.messages);
        await this.#keep({ low, cursor: low > 1 ? byPlace : "" });
        this.hasOlder = low > 1;
        if (this.#part) this.#part = { ...this.#part, low };
    }

    #arrived(message: Message): void {
        this.#types(message.sender, false);
        if (message.seq > 0 && leavesGap(this.#span.high, message.seq)) void this.catchUp();
        else if (message.seq > this.#span.high) void this.#keep({ high: message.seq });
        void this.take(message);
    }

    #vanished(id: string): void {
        this.messages = this.messages.filter((m) => m.id !== id);
        if (sync.isOpen) void sync.db.delete("messages", id);
    }

    async #readRows(): Promise<void> {
        try {
            this.rows = await conversations.participantRows(this.id);
            this.readBefore = this.rows.find((row) => row.user === session.id)?.last_read_seq ?? 0;
        } catch {
            // Offline: the ticks stay as the messages have them.
        }
    }

    #row(row: ParticipantRow): void {
        if (row.conversation !== this.id) return;
        this.rows = [...this.rows.filter((known) => known.id !== row.id), row];
    }

    #types(user: string, isTyping: boolean): void {
        clearTimeout(this.#typists.get(user));
        this.#typists.delete(user);
        if (isTyping)
            this.#typists.set(
                user,
                setTimeout(() => this.#types(user, false), typingLasts),
            );
        if (isTyping !== this.typing.includes(user)) this.typing = [...this.#typists.keys()];
    }

    async #keep(changes: Partial<Span>): Promise<void> {
        this.#span = { ...this.#span, ...changes };
        if (sync.isOpen && this.#span.high > 0) await sync.db.put("spans", this.#span);
    }
}

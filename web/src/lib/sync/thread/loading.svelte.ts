// Loads messages as the reader scrolls or jumps: from the device where it keeps them, otherwise from the server.
import * as api from "../../api/messages";
import type { Message } from "../../api/schemas";
import { byPlace, messagesBetween } from "../database";
import { merge } from "../order";
import { sync } from "../sync.svelte";
import { pageSize, type Timeline } from "./timeline.svelte";

/** How many messages are shown before and after one that the reader jumped to. */
const around = 25;

export class Loader {
    /** True while older messages are put in front, so that the list keeps its position. */
    prepending = $state(false);
    #timeline: Timeline;
    #catchUp: () => Promise<void>;
    #following: Promise<void> | null = null;

    constructor(timeline: Timeline, catchUp: () => Promise<void>) {
        this.#timeline = timeline;
        this.#catchUp = catchUp;
    }

    async loadOlder(): Promise<void> {
        if (this.prepending || this.#following || !this.#timeline.hasOlder) return;
        this.prepending = true;
        try {
            const { part, span } = this.#timeline;
            if (part && part.low < span.low) await this.#fetchPart(part.low - pageSize, part.low - 1);
            else if (!(await this.#recallOlder())) await this.#fetchOlder();
        } catch {
            // Tried again when the reader scrolls or the connection is back.
        } finally {
            // The list must see the new messages while this is still true.
            setTimeout(() => (this.prepending = false));
        }
    }

    /** Loads what follows a part further back. Calls that come while it runs share its result. */
    loadNewer(): Promise<void> {
        const { part } = this.#timeline;
        if (!part) return Promise.resolve();
        this.#following ??= this.#loadNewer(part.high)
            .catch(() => undefined) // tried again when the reader scrolls
            .finally(() => (this.#following = null));
        return this.#following;
    }

    /** Shows the messages around a place. Returns the message nearest to it, or undefined if it cannot be loaded now. */
    async goTo(seq: number): Promise<Message | undefined> {
        const timeline = this.#timeline;
        const near = () => timeline.messages.findLast((m) => m.seq > 0 && m.seq <= seq) ?? timeline.messages[0];
        if (timeline.messages.some((m) => m.seq === seq)) return near();
        const part = { low: Math.max(1, seq - around), high: seq + around };
        const isKept = part.low >= timeline.span.low && seq <= timeline.span.high;
        try {
            const found = isKept
                ? await messagesBetween(sync.db, timeline.id, part.low, part.high)
                : await this.#fetch(part.low, part.high);
            if (timeline.closed || found.length === 0) return undefined;
            timeline.show(part, merge([], found));
        } catch {
            return undefined;
        }
        await this.#join();
        return near();
    }

    /** Goes back to the newest messages. */
    async leavePart(): Promise<void> {
        if (!this.#timeline.part) return;
        this.#timeline.part = null;
        this.#timeline.detached = false;
        await this.#timeline.recall();
        void this.#catchUp();
    }

    async #loadNewer(from: number): Promise<void> {
        const timeline = this.#timeline;
        if (from < timeline.span.low - 1) return this.#fetchPart(from + 1, from + pageSize);
        const kept = await messagesBetween(sync.db, timeline.id, from + 1, from + pageSize);
        if (timeline.closed || !timeline.part) return;
        timeline.show({ ...timeline.part, high: from + pageSize }, merge(timeline.messages, kept));
        await this.#join();
    }

    async #recallOlder(): Promise<boolean> {
        const timeline = this.#timeline;
        const first = timeline.messages[0]?.seq ?? 0;
        if (first <= timeline.span.low) return false;
        const low = Math.max(timeline.span.low, first - pageSize);
        const kept = await messagesBetween(sync.db, timeline.id, low, first - 1);
        if (kept.length === 0) return false;
        this.#extendPart(low);
        timeline.messages = merge(kept, timeline.messages);
        timeline.hasOlder = kept[0]!.seq > timeline.span.low || timeline.span.cursor !== "";
        return true;
    }

    /** Fetches and stores everything between two places. */
    async #fetch(low: number, high: number): Promise<Message[]> {
        const page = await api.listMessages(this.#timeline.id, {
            direction: "newer",
            after: Math.max(low, 1) - 1,
            limit: high - Math.max(low, 1) + 1,
        });
        const found = page.messages.filter((m) => m.seq > 0 && m.seq <= high);
        await this.#timeline.store(found);
        return found;
    }

    /** Extends the part that is shown, before or after it. */
    async #fetchPart(low: number, high: number): Promise<void> {
        const timeline = this.#timeline;
        const found = await this.#fetch(low, high);
        const { part } = timeline;
        if (timeline.closed || !part) return;
        timeline.show(
            { low: Math.max(1, Math.min(part.low, low)), high: Math.max(part.high, high) },
            merge(timeline.messages, found),
        );
        await this.#join();
    }

    /** A part that touches what is kept becomes one span with it. A part that reaches the end is dropped. */
    async #join(): Promise<void> {
        const timeline = this.#timeline;
        const { part } = timeline;
        if (!part || timeline.span.high === 0) return;
        if (part.high >= timeline.span.low - 1 && part.low < timeline.span.low)
            await timeline.keep({ low: part.low, cursor: part.low > 1 ? byPlace : "" });
        if (part.low >= timeline.span.low)
            timeline.hasOlder = part.low > timeline.span.low || timeline.span.cursor !== "";
        if (part.high < timeline.span.high) return;
        timeline.part = null;
        timeline.detached = false;
        void this.#catchUp();
    }

    async #fetchOlder(): Promise<void> {
        const timeline = this.#timeline;
        if (timeline.span.cursor === byPlace) return this.#fetchOlderByPlace();
        const page = await api.listMessages(timeline.id, {
            cursor: timeline.span.cursor,
            limit: pageSize,
            direction: "older",
        });
        if (timeline.closed) return;
        const low = Math.min(timeline.span.low, ...page.messages.map((m) => m.seq).filter((seq) => seq > 0));
        this.#extendPart(low);
        await timeline.take(...page.messages);
        const cursor = page.pagination.has_more ? page.pagination.cursor : "";
        await timeline.keep({ low, cursor });
        timeline.hasOlder = cursor !== "";
    }

    async #fetchOlderByPlace(): Promise<void> {
        const timeline = this.#timeline;
        const low = Math.max(1, timeline.span.low - pageSize);
        const found = await this.#fetch(low, timeline.span.low - 1);
        if (timeline.closed) return;
        timeline.messages = merge(found, timeline.messages);
        await timeline.keep({ low, cursor: low > 1 ? byPlace : "" });
        timeline.hasOlder = low > 1;
        this.#extendPart(low);
    }

    #extendPart(low: number): void {
        const { part } = this.#timeline;
        if (part) this.#timeline.part = { ...part, low };
    }
}

// Brings a timeline up to date with the server: after a gap, by live events, or by polling where streams are blocked.
import { serverNow } from "../../api/client";
import { failure } from "../../api/errors";
import * as api from "../../api/messages";
import type { Message } from "../../api/schemas";
import { inbox } from "../inbox.svelte";
import { leavesGap, merge } from "../order";
import { sync } from "../sync.svelte";
import { pageSize, type Timeline } from "./timeline.svelte";

/** After more pages than this the newest page is loaded instead. */
const maxPagesToCatchUp = 5;

export class Reconciler {
    /** The reader may no longer see the conversation. */
    gone = $state(false);
    #timeline: Timeline;
    #catching: Promise<void> | null = null;
    #again = false;
    #polling: AbortController | null = null;

    constructor(timeline: Timeline) {
        this.#timeline = timeline;
    }

    /** Loads everything that is new or changed. Calls that come while it runs are answered by one more run. */
    catchUp(): Promise<void> {
        if (this.#catching) this.#again = true;
        this.#catching ??= this.#catchUp().finally(() => {
            this.#catching = null;
            if (this.#again && !this.#timeline.closed) {
                this.#again = false;
                void this.catchUp();
            }
        });
        return this.#catching;
    }

    /** Takes in a message that came live. */
    arrived(message: Message): void {
        const { span } = this.#timeline;
        if (message.seq > 0 && leavesGap(span.high, message.seq)) void this.catchUp();
        else if (message.seq > span.high) void this.#timeline.keep({ high: message.seq });
        void this.#timeline.take(message);
    }

    /** Polls while event streams do not come through. */
    async pollWhile(polling: boolean): Promise<void> {
        if (!polling || this.#polling || this.#timeline.closed) {
            if (!polling) this.#polling?.abort();
            return;
        }
        const asking = (this.#polling = new AbortController());
        while (!asking.signal.aborted && !this.#timeline.closed) {
            try {
                await this.#catching;
                const query = { direction: "newer" as const, after: this.#timeline.span.high, wait: 25 };
                const page = await api.listMessages(this.#timeline.id, query, asking.signal);
                await this.#append(page.messages);
                void inbox.put(page.conversation);
            } catch {
                await new Promise((later) => setTimeout(later, 3_000));
            }
        }
        this.#polling = null;
    }

    poll(): void {
        void this.pollWhile(sync.link === "polling");
    }

    close(): void {
        this.#polling?.abort();
    }

    async #catchUp(): Promise<void> {
        try {
            if (this.#timeline.span.high === 0) return await this.#begin();
            for (let round = 0; ; round++) {
                if (round === maxPagesToCatchUp) return await this.#begin();
                if (!(await this.#catchUpPage(round === 0))) break;
            }
            if (!this.#timeline.closed) await this.#timeline.keep({ known: serverNow() });
        } catch (error) {
            if (failure(error).status === 404) this.gone = true;
        }
    }

    /** Loads one page of newer messages, the first one with the changes of known ones. Reports whether there are more. */
    async #catchUpPage(isFirst: boolean): Promise<boolean> {
        const timeline = this.#timeline;
        const changed_since = isFirst && timeline.span.known ? timeline.span.known : undefined;
        const page = await api.listMessages(timeline.id, {
            direction: "newer",
            after: timeline.span.high,
            limit: 200,
            ...(changed_since && { changed_since }),
        });
        if (timeline.closed) return false;
        const shown = new Set(timeline.messages.map((m) => m.id));
        await timeline.take(...page.changed.filter((m) => shown.has(m.id)));
        await this.#append(page.messages);
        void inbox.put(page.conversation);
        return page.pagination.has_more;
    }

    /** Loads the newest page. What was kept of older times may have gaps now, so it is no longer used. */
    async #begin(): Promise<void> {
        const timeline = this.#timeline;
        const page = await api.listMessages(timeline.id, { limit: pageSize });
        if (timeline.closed) return;
        const places = page.messages.filter((m) => m.seq > 0).map((m) => m.seq);
        const cursor = page.pagination.has_more ? page.pagination.cursor : "";
        if (!timeline.part) {
            timeline.messages = merge([], page.messages);
            timeline.hasOlder = cursor !== "";
        }
        await timeline.take(...page.messages);
        await timeline.keep({
            low: Math.min(...places, Infinity),
            high: Math.max(...places, 0),
            cursor,
            known: serverNow(),
        });
        void inbox.put(page.conversation);
    }

    async #append(messages: Message[]): Promise<void> {
        if (messages.length === 0) return;
        const timeline = this.#timeline;
        await timeline.take(...messages);
        const places = messages.map((m) => m.seq);
        await timeline.keep({
            high: Math.max(timeline.span.high, ...places),
            low: Math.min(timeline.span.low || Infinity, ...places),
        });
    }
}

// The event stream of an account, held by one tab for all tabs. It reconnects by itself.
import PocketBase, { BaseAuthStore } from "pocketbase";

import { auth } from "../api/auth";
import type { Bus, LinkState } from "./bus";
import { isHeldBack, probeAgain } from "./probe";

/** How often the list of conversations is polled without a stream. Open conversations use long polling. */
const pollEvery = 20_000;

/** Gives the SDK the current token, so that it stores none itself. */
class Borrowed extends BaseAuthStore {
    override get token(): string {
        return auth.token;
    }
}

const collections = ["messages", "conversations", "conversation_participants", "notifications"];

export class Stream {
    readonly #realtime = new PocketBase(location.origin, new Borrowed()).realtime;
    #bus: Bus;
    #state: LinkState = "connecting";
    #wanted = new Map<string, string[]>(); // the conversations that each tab shows, by tab
    #typing = new Map<string, () => Promise<void>>();
    #ended = false;
    #attempts = 0;
    #timer: ReturnType<typeof setTimeout> | undefined;
    #asking: ReturnType<typeof setInterval> | undefined;
    #stop: () => void;

    constructor(bus: Bus) {
        this.#bus = bus;
        this.#stop = bus.listen((news) => {
            if (news.type === "who-has-the-stream") bus.post({ type: "link", state: this.#state });
            if (news.type === "looking-at") this.#watch(news.tab, news.conversations);
        });
        bus.post({ type: "who-looks" }); // other tabs may have started before the stream
        addEventListener("online", this.#online);
        addEventListener("offline", this.#offline);
        void this.#connect();
    }

    async end(): Promise<void> {
        this.#ended = true;
        clearTimeout(this.#timer);
        clearInterval(this.#asking);
        this.#stop();
        removeEventListener("online", this.#online);
        removeEventListener("offline", this.#offline);
        await this.#realtime.unsubscribe().catch(() => undefined);
    }

    #online = () => {
        this.#attempts = 0;
        probeAgain(); // the network may have changed
        if (this.#state !== "live") void this.#connect();
    };

    #offline = () => this.#again();

    async #connect(): Promise<void> {
        if (this.#ended || this.#state === "live") return;
        if (this.#state !== "polling") this.#become("connecting");
        // Not awaited, so that the stream does not wait for the answer where nothing buffers it.
        void isHeldBack().then(
            (held) => held && this.#poll(),
            () => undefined,
        );
        try {
            await this.#realtime.unsubscribe();
            this.#realtime.onDisconnect = (topics) => topics.length > 0 && this.#lost();
            const topics = collections.map((name) => this.#subscribe(`${name}/*`));
            const resync = this.#realtime.subscribe("resync", () => this.#bus.post({ type: "catch-up" }));
            await Promise.all([...topics, resync]);
            this.#connected();
        } catch {
            this.#again();
        }
    }

    #lost(): void {
        if (this.#ended || this.#state !== "live") return;
        this.#typing.clear();
        // We reconnect ourselves, because the SDK does not say when it did, and missed events have to be loaded then.
        this.#again();
    }

    /** Streams seem to be blocked, so the tabs poll until one comes through. */
    #poll(): void {
        if (!this.#ended && this.#state !== "live") this.#become("polling");
    }

    /** All subscriptions are active: no further events are missed, and the tabs load the earlier ones. */
    #connected(): void {
        if (this.#ended) return;
        this.#attempts = 0;
        this.#become("live");
        this.#bus.post({ type: "catch-up" });
        for (const id of this.#watched()) void this.#startTyping(id);
    }

    #again(): void {
        if (this.#ended) return;
        const polling = this.#state === "polling";
        if (!polling) this.#become(navigator.onLine ? "connecting" : "offline");
        const wait = polling ? 300_000 : Math.min(30_000, 500 * 2 ** Math.min(this.#attempts++, 6));
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => void this.#connect(), wait / 2 + (wait / 2) * Math.random());
    }

    #subscribe(topic: string): Promise<() => Promise<void>> {
        return this.#realtime.subscribe(topic, (data) => this.#bus.post({ type: "event", topic, data }));
    }

    #become(state: LinkState): void {
        this.#state = state;
        clearInterval(this.#asking);
        if (state === "polling") this.#asking = setInterval(() => this.#bus.post({ type: "catch-up" }), pollEvery);
        this.#bus.post({ type: "link", state });
    }

    #watched(): Set<string> {
        return new Set([...this.#wanted.values()].flat());
    }

    #watch(tab: string, conversations: string[]): void {
        this.#wanted.set(tab, conversations);
        const wanted = this.#watched();
        for (const id of wanted) if (!this.#typing.has(id)) void this.#startTyping(id);
        for (const [id, stop] of this.#typing) {
            if (wanted.has(id)) continue;
            this.#typing.delete(id);
            void stop().catch(() => undefined);
        }
    }

    async #startTyping(id: string): Promise<void> {
        if (this.#state !== "live" || this.#typing.has(id)) return;
        this.#typing.set(id, () => Promise.resolve());
        try {
            this.#typing.set(id, await this.#subscribe(`typing/${id}`));
        } catch {
            this.#typing.delete(id); // the conversation was left, or the member may not listen to it
        }
    }
}

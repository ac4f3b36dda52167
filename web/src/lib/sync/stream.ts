// The one stream of an account, held by one tab for all. It retries by itself, the first connection included.
import PocketBase, { BaseAuthStore } from "pocketbase";

import { auth } from "../api/auth";
import type { Bus, LinkState } from "./bus";
import { isHeldBack, probeAgain } from "./probe";

/** Without a stream the list of conversations is asked for this often; what is open on the screen, all the time. */
const pollEvery = 20_000;

/** The SDK asks with the token of now, and keeps none itself. */
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
    #wanted = new Map<string, string[]>(); // by tab: the conversations on its screen
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
        bus.post({ type: "who-looks" }); // tabs were there before the stream was
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
        probeAgain(); // it may be another network
        if (this.#state !== "live") void this.#connect();
    };

    #offline = () => this.#again();

    async #connect(): Promise<void> {
        if (this.#ended || this.#state === "live") return;
        if (this.#state !== "polling") this.#become("connecting");
        // Asked beside: where nothing holds the stream back, nobody has to wait for the answer.
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
        // Connecting anew is ours: the SDK does not tell when it has, and what came meanwhile has to be asked for.
        this.#again();
    }

    /** Streams do not seem to come through here: the tabs ask, until one has come through after all. */
    #poll(): void {
        if (!this.#ended && this.#state !== "live") this.#become("polling");
    }

    /** Subscribed to everything: nothing that comes from now on is missed, and what came before is asked for. */
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
            this.#typing.delete(id); // left meanwhile, or not one's own
        }
    }
}

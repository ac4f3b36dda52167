// Messages between the tabs of one account and the service worker.
import type { Message } from "../api/schemas";
import type { Waiting } from "./database";

export type News =
    | { type: "event"; topic: string; data: { action?: string; record?: unknown } & Record<string, unknown> }
    | { type: "sent"; entry: Waiting; message: Message }
    | { type: "outbox" }
    | { type: "link"; state: LinkState }
    | { type: "who-has-the-stream" }
    | { type: "who-looks" }
    | { type: "looking-at"; tab: string; conversations: string[] }
    | { type: "catch-up" }
    | { type: "signed-out" };

/** How the client receives news. */
export type LinkState = "connecting" | "live" | "polling" | "offline";

/** A broadcast channel that also calls the listeners of the sending tab. */
export class Bus {
    #channel: BroadcastChannel;
    #listeners = new Set<(news: News) => void>();

    constructor(user: string) {
        this.#channel = new BroadcastChannel(`cc-${user}`);
        this.#channel.onmessage = (event: MessageEvent<News>) => this.#tell(event.data);
    }

    /** Sends news to all tabs. */
    post(news: News): void {
        this.#channel.postMessage(news);
        this.#tell(news);
    }

    /** Sends news to the other tabs only. */
    others(news: News): void {
        this.#channel.postMessage(news);
    }

    listen(listener: (news: News) => void): () => void {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
    }

    close(): void {
        this.#listeners.clear();
        this.#channel.close();
    }

    #tell(news: News): void {
        for (const listener of this.#listeners) listener(news);
    }
}

// What runs in the background while a member is signed in: the store, the stream, the outbox.
import { auth } from "../api/auth";
import type { Message } from "../api/schemas";
import { session } from "../session/session.svelte";
import { Bus, type LinkState, type News } from "./bus";
import { type Database, deleteDatabase, openDatabase, savePass, type Waiting } from "./database";
import { insist } from "./insist";
import { discard, enqueue, flush, retry } from "./outbox";
import { sendWaiting } from "./send";

/** The id of this tab. The tab that holds the stream uses it to know what each tab shows. */
export const tab = crypto.randomUUID();

/** Old browsers have no locks, so every tab has a stream of its own there. */
const locks: LockManager | undefined = navigator.locks;

class Sync {
    link = $state<LinkState>("connecting");
    /** Messages that wait to be sent or were refused, in order. */
    outbox = $state.raw<Waiting[]>([]);
    /** Whether the store is open, so that screens can read from it. */
    ready = $state(false);

    #db: Database | null = null;
    #bus: Bus | null = null;
    #ending = new AbortController();
    #timer: ReturnType<typeof setTimeout> | undefined;
    #flushing = false;
    #looking: string[] = [];
    #listeners = new Set<(news: News) => void>();

    get db(): Database {
        if (!this.#db) throw new Error("no one is signed in");
        return this.#db;
    }

    get isOpen(): boolean {
        return this.#db !== null;
    }

    get failed(): Waiting[] {
        return this.outbox.filter((entry) => entry.state === "failed");
    }

    listen(listener: (news: News) => void): () => void {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
    }

    async start(): Promise<void> {
        if (this.#db) return;
        const user = session.id;
        this.#ending = new AbortController();
        const db = await openDatabase(user);
        if (session.id !== user) return db.close();
        this.#db = db;
        this.#bus = new Bus(user);
        this.#bus.listen((news) => this.#hear(news));
        await savePass({ user, token: auth.token });
        this.ready = true;
        addEventListener("online", this.#flushNow);
        document.addEventListener("visibilitychange", this.#seen);
        await this.#readOutbox();
        void this.#holdStream(user, this.#bus, this.#ending.signal);
        this.#bus.post({ type: "who-has-the-stream" });
        this.#flushNow();
    }

    /** Stops everything, and deletes the account's data from the device. */
    async stop(): Promise<void> {
        const user = session.id;
        if (!this.#db) return;
        this.#bus?.others({ type: "signed-out" });
        this.#close();
        await savePass(null);
        await deleteDatabase(user);
    }

    /** Adds a message to the outbox, which sends it as soon as possible. */
    async send(message: Pick<Waiting, "id" | "conversation" | "content" | "reply_to" | "acknowledge" | "images">) {
        await enqueue(this.db, { ...message, created_at: new Date().toISOString().replace("T", " ") });
        await this.#changed();
        this.#flushNow();
    }

    async retry(id: string, changes: Partial<Waiting> = {}): Promise<void> {
        await retry(this.db, id, changes);
        await this.#changed();
        this.#flushNow();
    }

    async discard(id: string): Promise<void> {
        await discard(this.db, id);
        await this.#changed();
    }

    async retryAll(): Promise<void> {
        for (const entry of this.failed) await retry(this.db, entry.id);
        await this.#changed();
        this.#flushNow();
    }

    /** Tells the tab that holds the stream which conversations this tab shows. */
    lookAt(conversations: string[]): void {
        this.#looking = conversations;
        this.#bus?.post({ type: "looking-at", tab, conversations });
    }

    /** Sends news to every tab, this one included. */
    post(news: News): void {
        this.#bus?.post(news);
    }

    #close(): void {
        clearTimeout(this.#timer);
        this.#ending.abort();
        removeEventListener("online", this.#flushNow);
        document.removeEventListener("visibilitychange", this.#seen);
        this.#bus?.close();
        this.#db?.close();
        this.#db = this.#bus = null;
        this.outbox = [];
        this.#looking = [];
        this.ready = false;
        this.link = "connecting";
    }

    #hear(news: News): void {
        if (news.type === "link") this.link = news.state;
        if (news.type === "link" && news.state === "live") this.#flushNow();
        if (news.type === "who-looks") this.lookAt(this.#looking);
        if (news.type === "outbox" || news.type === "sent") void this.#readOutbox();
        if (news.type === "signed-out") {
            this.#close();
            auth.clear();
            location.assign("/signin");
            return;
        }
        for (const listener of this.#listeners) listener(news);
    }

    #seen = () => {
        if (document.visibilityState === "visible") this.#flushNow();
    };

    /** Waits until this tab may hold the stream, and holds it until the tab closes or the session ends. */
    async #holdStream(user: string, bus: Bus, signal: AbortSignal): Promise<void> {
        const hold = async () => {
            const part = await insist(() => import("./stream"), signal); // loaded only by the tab that holds the stream
            if (!part || signal.aborted) return;
            const stream = new part.Stream(bus);
            await new Promise<void>((ended) => signal.addEventListener("abort", () => ended(), { once: true }));
            await stream.end();
        };
        if (!locks) return hold();
        await locks.request(`cc-stream-${user}`, { signal }, hold).catch(() => undefined);
    }

    async #readOutbox(): Promise<void> {
        if (this.#db) this.outbox = await this.#db.getAll("outbox");
    }

    async #changed(): Promise<void> {
        await this.#readOutbox();
        this.#bus?.others({ type: "outbox" });
    }

    #flushNow = () => {
        clearTimeout(this.#timer);
        void this.#flush();
    };

    async #flush(): Promise<void> {
        if (this.#flushing || !this.#db) return;
        this.#flushing = true;
        try {
            const wait = await exclusively(`cc-outbox-${session.id}`, () => this.#empty());
            if (wait > 0) {
                this.#timer = setTimeout(this.#flushNow, wait);
                void askForBackgroundSync();
            }
        } finally {
            this.#flushing = false;
        }
        // A message may have been added after the last read of the queue.
        if (this.#db && (await this.#db.getAll("outbox")).some((e) => e.state === "pending" && e.attempts === 0)) {
            this.#timer = setTimeout(this.#flushNow, 0);
        }
    }

    async #empty(): Promise<number> {
        const db = this.#db;
        if (!db) return 0;
        return flush(db, (entry) => sendWaiting(entry, auth.token), {
            sent: (entry: Waiting, message: Message) => this.post({ type: "sent", entry, message }),
            refused: () => this.post({ type: "outbox" }),
        });
    }
}

function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
    return locks ? locks.request(name, work) : work();
}

/** Registers a Background Sync where browsers have it, so that the worker can send messages after all tabs are closed. */
async function askForBackgroundSync(): Promise<void> {
    const registration = (await navigator.serviceWorker?.getRegistration()) as
        (ServiceWorkerRegistration & { sync?: { register: (tag: string) => Promise<void> } }) | undefined;
    await registration?.sync?.register("outbox").catch(() => undefined);
}

export const sync = new Sync();

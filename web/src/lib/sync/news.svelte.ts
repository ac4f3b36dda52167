// The reader's notifications. Events keep them up to date.
import * as api from "../api/notifications";
import type { Notification } from "../api/notifications";
import type { News as Heard } from "./bus";
import { counts } from "./counts.svelte";
import { sync } from "./sync.svelte";

class News {
    all = $state.raw<Notification[]>([]);
    loading = $state(false);
    failed = $state(false);
    hasMore = $state(false);
    #page = 0;
    #recount: ReturnType<typeof setTimeout> | undefined;

    /** Loads the number of unread ones, and listens for changes. Returns a function that stops listening. */
    start(): () => void {
        const stop = sync.listen((heard) => this.#hear(heard));
        void this.count();
        return () => {
            stop();
            clearTimeout(this.#recount);
            this.all = [];
            this.#page = 0;
            counts.notifications = 0;
        };
    }

    async count(): Promise<void> {
        counts.notifications = await api.countUnread().catch(() => counts.notifications);
    }

    /** Loads the newest page. */
    async open(): Promise<void> {
        this.#page = 0;
        await this.more();
    }

    async more(): Promise<void> {
        if (this.loading) return;
        this.loading = true;
        try {
            const page = this.#page + 1;
            const answer = await api.listNotifications(page);
            this.all = page === 1 ? answer.items : [...this.all, ...fresh(this.all, answer.items)];
            this.#page = page;
            this.hasMore = page < answer.totalPages;
            this.failed = false;
        } catch {
            this.failed = true;
        } finally {
            this.loading = false;
        }
    }

    async read(notification: Notification): Promise<void> {
        if (notification.read_at) return;
        this.#put({ ...notification, read_at: new Date().toISOString() });
        counts.notifications = Math.max(0, counts.notifications - 1);
        await api.readNotification(notification.id).catch(() => this.count());
    }

    async readAll(): Promise<void> {
        await api.readAllNotifications();
        const now = new Date().toISOString();
        this.all = this.all.map((n) => (n.read_at ? n : { ...n, read_at: now }));
        counts.notifications = 0;
    }

    #hear(heard: Heard): void {
        if (heard.type === "catch-up") void this.#again();
        if (heard.type !== "event" || heard.topic !== "notifications/*") return;
        const record = heard.data.record as Notification;
        if (heard.data.action === "delete") this.all = this.all.filter((n) => n.id !== record.id);
        else this.#put(record);
        clearTimeout(this.#recount);
        this.#recount = setTimeout(() => void this.count(), 300); // events often come in groups
    }

    async #again(): Promise<void> {
        await this.count();
        if (this.#page > 0) await this.open();
    }

    #put(notification: Notification): void {
        const others = this.all.filter((n) => n.id !== notification.id);
        this.all = [...others, notification].sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1));
    }
}

const fresh = (known: Notification[], more: Notification[]) => more.filter((n) => !known.some((k) => k.id === n.id));

export const news = new News();

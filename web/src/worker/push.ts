// Push messages: the notification that is shown, and its target.
import { readPass } from "../lib/sync/database";
import { say } from "./words";

/** The content of a push message. The text is only included if the member chose that. */
interface Push {
    type: string;
    id?: string;
    name?: string;
    text?: string;
}

/** A notification as the server returns it. */
interface Row {
    title: string;
    body: string;
    conversation: string;
}

export async function show(registration: ServiceWorkerRegistration, clients: Clients, data: PushMessageData | null) {
    const push = read(data);
    if (push.type === "resubscribe") return resubscribe(registration);
    const row = push.id ? await look(push.id) : null;
    const conversation = row?.conversation ?? "";
    const path = pathOf(push.type, conversation);
    if (conversation && (await isLookedAt(clients, path))) return;
    const canReply = conversation !== "" && push.type === "message";
    await registration.showNotification(push.name || row?.title || say(push.type === "test" ? "test_title" : "title"), {
        body: push.text || row?.body || say(push.type === "test" ? "test" : "body"),
        tag: push.id ?? push.type, // a repeated notification replaces the first
        icon: "/icons/icon-192.png",
        badge: "/icons/badge-96.png",
        data: { path, conversation },
        ...actions(canReply),
    } as NotificationOptions);
}

function read(data: PushMessageData | null): Push {
    try {
        return { type: "message", ...data?.json() };
    } catch {
        return { type: "message" };
    }
}

/** TypeScript's library and some browsers lack `actions`. */
function actions(canReply: boolean): object {
    if (!canReply) return {};
    return {
        actions: [
            { action: "reply", type: "text", title: say("reply"), placeholder: say("reply") },
            { action: "view", title: say("view") },
        ],
    };
}

/** Returns the path that a notification opens. */
function pathOf(type: string, conversation: string): string {
    if (type === "request") return "/messages/requests";
    if (type === "moderation_case") return "/moderation";
    if (conversation) return `/messages/${conversation}`;
    return type === "summary" ? "/messages" : "/notifications";
}

/** Asks for the words of a notification, in the member's language. Without an answer the general ones serve. */
async function look(id: string): Promise<Row | null> {
    const pass = await readPass();
    if (!pass) return null;
    try {
        const response = await fetch(`/api/collections/notifications/records/${encodeURIComponent(id)}`, {
            headers: { Authorization: pass.token },
            signal: AbortSignal.timeout(5_000),
        });
        return response.ok ? await response.json() : null;
    } catch {
        return null;
    }
}

async function isLookedAt(clients: Clients, path: string): Promise<boolean> {
    const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
    return windows.some((client) => client.visibilityState === "visible" && new URL(client.url).pathname === path);
}

/** Opens a page of the client, in an existing window if there is one. */
export async function open(clients: Clients, path: string): Promise<void> {
    const [window] = await clients.matchAll({ type: "window", includeUncontrolled: true });
    if (!window) return void (await clients.openWindow(path));
    window.postMessage({ type: "open", path });
    await window.focus().catch(() => undefined); // browsers allow it only after a user gesture
}

/** Subscribes again after the server changed its key. */
export async function resubscribe(registration: ServiceWorkerRegistration): Promise<void> {
    const pass = await readPass();
    const old = await registration.pushManager.getSubscription();
    if (!pass || !old) return;
    const headers = { Authorization: pass.token, "Content-Type": "application/json" };
    const { key } = await (await fetch("/api/push/key", { headers })).json();
    await old.unsubscribe();
    const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    await fetch("/api/push/subscriptions", { method: "POST", headers, body: JSON.stringify(subscription) });
}

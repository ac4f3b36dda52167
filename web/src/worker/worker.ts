// The service worker: the client's files for offline use, push messages, and the outbox.
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

import { emptyOutbox, replyTo } from "./outbox";
import { open, resubscribe, show } from "./push";

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] };

/** TypeScript's library has no Background Sync yet. */
interface SyncEvent extends ExtendableEvent {
    tag: string;
}

// Only files are cached, never answers of /api/.
cleanupOutdatedCaches();
precacheAndRoute(self.__WB_MANIFEST);
registerRoute(new NavigationRoute(createHandlerBoundToURL("index.html"), { denylist: [/^\/(api|_|branding)\//] }));

self.addEventListener("message", (event) => {
    if (event.data?.type === "take-over") void self.skipWaiting(); // the reader agreed to the update
});

self.addEventListener("push", (event) => event.waitUntil(show(self.registration, self.clients, event.data)));

self.addEventListener("pushsubscriptionchange", (event) =>
    (event as ExtendableEvent).waitUntil(resubscribe(self.registration)),
);

self.addEventListener("notificationclick", (event) => {
    event.notification.close();
    const { path, conversation } = event.notification.data ?? {};
    const reply = (event as NotificationEvent & { reply?: string }).reply;
    if (event.action === "reply" && reply && conversation) event.waitUntil(replyTo(conversation, reply));
    else event.waitUntil(open(self.clients, path ?? "/"));
});

self.addEventListener("sync", (event) => {
    if ((event as SyncEvent).tag === "outbox") (event as SyncEvent).waitUntil(emptyOutbox());
});

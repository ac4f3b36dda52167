// The service worker: registered, and replaced by a new version only when the reader agrees.
import { t } from "./i18n/index.svelte";
import { router } from "./router/router.svelte";
import { toasts } from "./ui/toasts.svelte";

/** The worker fetches every file of the client. On a slow connection that must not stand in the way of the first messages. */
const calm = 4_000;

export async function registerWorker(): Promise<void> {
    if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return;
    const { serviceWorker } = navigator;
    serviceWorker.addEventListener("message", (event: MessageEvent<{ type?: string; path?: string }>) => {
        if (event.data?.type === "open" && event.data.path) router.go(event.data.path);
    });
    await new Promise((later) => setTimeout(later, serviceWorker.controller ? 0 : calm));
    const registration = await register(serviceWorker);
    if (!registration) return;
    const offer = () => {
        const { waiting } = registration;
        if (!waiting || !serviceWorker.controller) return; // the first one takes over by itself
        const run = () => {
            serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
            waiting.postMessage({ type: "take-over" });
        };
        toasts.show(t("core.new_version"), { action: { label: t("core.update"), run }, lasting: true });
    };
    offer();
    registration.addEventListener("updatefound", () => {
        registration.installing?.addEventListener("statechange", offer);
    });
    // A client that stays open for days looks for a new version now and then.
    setInterval(() => void registration.update().catch(() => undefined), 3_600_000);
}

/** Registers the worker; null where that is not to be had now: offline, or a browser that keeps nothing. The next start tries again. */
const register = (serviceWorker: ServiceWorkerContainer) => serviceWorker.register("/worker.js").catch(() => null);

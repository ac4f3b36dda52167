// Registers the service worker, and updates it when the reader agrees.
import { t } from "./i18n/index.svelte";
import { router } from "./router/router.svelte";
import { toasts } from "./ui/toasts.svelte";

/** The worker downloads the whole client, so it waits until the first messages are loaded. */
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
        if (!waiting || !serviceWorker.controller) return; // the first worker activates by itself
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
    // A client that stays open for days checks for new versions.
    setInterval(() => void registration.update().catch(() => undefined), 3_600_000);
}

/** Registers the worker. Returns null if that fails, for example offline; the next start tries again. */
const register = (serviceWorker: ServiceWorkerContainer) => serviceWorker.register("/worker.js").catch(() => null);

// Push messages on this device: whether there are any, and how to begin and to end.
import * as api from "../api/notifications";
import { auth } from "../api/auth";
import { session } from "../session/session.svelte";

/**
 * What this device can do: "unable" for good, "blocked" by its owner's choice in the browser, "install" on an iPhone
 * outside of the home screen, else off or on.
 */
export type State = "unknown" | "unable" | "install" | "blocked" | "off" | "on";

/** A browser without a push service never answers; and the worker fetches the whole client first, on a slow connection, too. */
const patience = { service: 15_000, worker: 120_000 };

const dismissed = "cc.push.later";
const askAgain = 14 * 86_400_000;

class ThisDevice {
    state = $state<State>("unknown");
    /** The server's name of this device. */
    id = $state("");

    constructor() {
        session.onEnd(() => this.unsubscribe());
    }

    /** Looks at what the browser says. */
    async look(): Promise<void> {
        if (!("serviceWorker" in navigator) || !("PushManager" in globalThis) || !("Notification" in globalThis)) {
            this.state = needsInstalling() ? "install" : "unable";
            return;
        }
        if (Notification.permission === "denied") {
            this.state = "blocked";
            return;
        }
        const subscription = await (await registration())?.pushManager.getSubscription();
        this.state = subscription && Notification.permission === "granted" ? "on" : "off";
    }

    /** Whether this is a moment to ask: it can be switched on, and "not now" was not said lately. */
    get mayAsk(): boolean {
        return this.state === "off" && Notification.permission === "default" && Date.now() - said() > askAgain;
    }

    later(): void {
        localStorage.setItem(dismissed, String(Date.now()));
        this.state = "off";
    }

    /** Asks the browser, and tells the server. The question must follow a click. */
    async subscribe(): Promise<State> {
        const answer = await Notification.requestPermission();
        if (answer !== "granted") {
            if (answer === "default") this.later();
            this.state = answer === "denied" ? "blocked" : "off";
            return this.state;
        }
        const worker = await inTime(patience.worker, navigator.serviceWorker.ready);
        const key = await api.pushKey();
        const old = await worker.pushManager.getSubscription();
        if (old && !isUnder(old, key)) await old.unsubscribe();
        const subscription = await inTime(
            patience.service,
            worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }),
        );
        this.id = (await api.addDevice(subscription.toJSON())).id;
        this.state = "on";
        return this.state;
    }

    async unsubscribe(): Promise<void> {
        const subscription = await (await registration())?.pushManager.getSubscription();
        if (!subscription) return;
        const known = await this.#known(subscription.endpoint);
        if (known && auth.isValid) await api.removeDevice(known).catch(() => undefined);
        await subscription.unsubscribe();
        this.state = "off";
        this.id = "";
    }

    async #known(endpoint: string): Promise<string> {
        if (this.id) return this.id;
        const devices = await api.listDevices().catch(() => []);
        return devices.find((device) => device.endpoint === endpoint)?.id ?? "";
    }
}

const registration = () => navigator.serviceWorker?.getRegistration();

function said(): number {
    return Number(localStorage.getItem(dismissed) ?? 0);
}

/** Safari on an iPhone takes push messages from what stands on the home screen alone. */
function needsInstalling(): boolean {
    return /iPhone|iPad/.test(navigator.userAgent) && !matchMedia("(display-mode: standalone)").matches;
}

function inTime<T>(patience: number, work: Promise<T>): Promise<T> {
    return new Promise((done, fail) => {
        setTimeout(() => fail(new Error("there is no answer")), patience);
        work.then(done, fail);
    });
}

/** Whether a subscription was made under this key. */
function isUnder(subscription: PushSubscription, key: string): boolean {
    const bytes = subscription.options.applicationServerKey;
    if (!bytes) return false;
    const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
    return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") === key.replace(/=+$/, "");
}

export const device = new ThisDevice();

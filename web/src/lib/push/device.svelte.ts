// Push notifications on this device: their state, and how to turn them on and off.
import * as api from "../api/notifications";
import { auth } from "../api/auth";
import { session } from "../session/session.svelte";

/**
 * The state of push notifications: "unable" if the browser has none, "blocked" by the browser's settings, "install" on an
 * iPhone that has not added the app to its home screen, otherwise off or on.
 */
export type State = "unknown" | "unable" | "install" | "blocked" | "off" | "on";

/** A browser without a push service never answers. The limit is long, because the worker first downloads the whole client. */
const patience = { service: 15_000, worker: 120_000 };

const dismissed = "cc.push.later";
const askAgain = 14 * 86_400_000;

class ThisDevice {
    state = $state<State>("unknown");
    /** The server's id of this device. */
    id = $state("");

    constructor() {
        session.onEnd(() => this.unsubscribe());
    }

    /** Reads the state from the browser. */
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

    /** Whether to ask: notifications can be turned on, and the member did not choose "not now" recently. */
    get mayAsk(): boolean {
        return this.state === "off" && Notification.permission === "default" && Date.now() - said() > askAgain;
    }

    later(): void {
        localStorage.setItem(dismissed, String(Date.now()));
        this.state = "off";
    }

    /** Asks the browser for permission and registers the device. Must be called from a click. */
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

/** On an iPhone, Safari delivers push notifications only to apps on the home screen. */
function needsInstalling(): boolean {
    return /iPhone|iPad/.test(navigator.userAgent) && !matchMedia("(display-mode: standalone)").matches;
}

function inTime<T>(patience: number, work: Promise<T>): Promise<T> {
    return new Promise((done, fail) => {
        setTimeout(() => fail(new Error("there is no answer")), patience);
        work.then(done, fail);
    });
}

/** Whether a subscription uses this key. */
function isUnder(subscription: PushSubscription, key: string): boolean {
    const bytes = subscription.options.applicationServerKey;
    if (!bytes) return false;
    const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
    return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") === key.replace(/=+$/, "");
}

export const device = new ThisDevice();

// Push messages, delivered to the real worker through the DevTools protocol.
import type { CDPSession, Worker } from "@playwright/test";

import { expect, type Member, type Page, phone, talk, test } from "./kit/test.ts";

interface Shown {
    title: string;
    body: string;
    tag: string;
    actions: string[];
}

/** A device that receives push messages, and its notifications. */
class Device {
    private constructor(
        readonly page: Page,
        readonly worker: Worker,
        readonly session: CDPSession,
        readonly registrationId: string,
    ) {}

    static async of(page: Page): Promise<Device> {
        const context = page.context();
        await context.grantPermissions(["notifications"]);
        const appeared = context.serviceWorkers()[0] ?? context.waitForEvent("serviceworker", { timeout: 120_000 });
        const session = await context.newCDPSession(page);
        const registered = new Promise<string>((found) => {
            session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
                for (const { registrationId, isDeleted } of registrations) if (!isDeleted) found(registrationId);
            });
        });
        await session.send("ServiceWorker.enable");
        const [worker, registrationId] = await Promise.all([appeared, registered]);
        await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
        return new Device(page, worker, session, registrationId);
    }

    async gets(data: object | string): Promise<void> {
        await this.session.send("ServiceWorker.deliverPushMessage", {
            origin: new URL(this.page.url()).origin,
            registrationId: this.registrationId,
            data: typeof data === "string" ? data : JSON.stringify(data),
        });
    }

    shown(): Promise<Shown[]> {
        return this.page.evaluate(async () => {
            const registration = await navigator.serviceWorker.ready;
            const all = (await registration.getNotifications()) as (Notification & {
                actions?: { action: string }[];
            })[];
            return all.map(({ title, body, tag, actions }) => ({
                title,
                body,
                tag,
                actions: (actions ?? []).map(({ action }) => action),
            }));
        });
    }

    /** Taps the only notification. The protocol cannot do that, so the worker receives a simulated event. */
    async taps(action = "", reply?: string): Promise<void> {
        await this.#dispatch("NotificationEvent", "notificationclick", { action }, { reply });
    }

    /** Delivers a push message, and waits until the worker handled it. */
    async judges(data: object): Promise<void> {
        await this.#dispatch("PushEvent", "push", { data: JSON.stringify(data) }, {});
    }

    async #dispatch(kind: string, name: string, init: object, more: Record<string, unknown>): Promise<void> {
        await this.worker.evaluate(
            async ({ kind, name, init, more }) => {
                const scope = globalThis as unknown as Scope;
                const [notification] = await scope.registration.getNotifications();
                const event = new scope[kind as "PushEvent"](name, { ...init, notification });
                let work: Promise<unknown> = Promise.resolve();
                const waitUntil = (promise: Promise<unknown>) => (work = promise); // waitUntil does not work on simulated events
                for (const [key, value] of Object.entries({ ...more, waitUntil })) {
                    Object.defineProperty(event, key, { value });
                }
                scope.dispatchEvent(event);
                await work;
            },
            { kind, name, init, more },
        );
    }
}

/** The parts of the worker's scope that the tests use. */
interface Scope extends EventTarget {
    registration: ServiceWorkerRegistration;
    PushEvent: new (name: string, init: object) => Event;
}

/** Waits for a notification of the member, and returns the newest. */
async function newest(member: Member): Promise<{ id: string; title: string; body: string }> {
    let row: { id: string; title: string; body: string } | undefined;
    await expect(async () => {
        [row] = (await member.call("GET", "/collections/notifications/records?sort=-updated_at")).items;
        expect(row).toBeTruthy();
    }).toPass({ timeout: 30_000 });
    return row!;
}

test("a push message shows no content by default, and a repeated one is shown once", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const page = await open(ben, "/requests", phone);
    const device = await Device.of(page);
    await amara.writes(conversation, "My door code is 4711.");
    const { id, title, body } = await newest(ben);
    await device.gets({ type: "message", id });
    await expect.poll(() => device.shown()).toEqual([{ title, body, tag: id, actions: ["reply", "view"] }]);
    expect(JSON.stringify(await device.shown())).not.toContain("4711");

    await device.gets({ type: "message", id, name: "Amara", text: "At ten, then." }); // the member chose to see the text
    await expect.poll(() => device.shown()).toMatchObject([{ title: "Amara", body: "At ten, then.", tag: id }]);

    await device.gets({ type: "request", id: "nobodyknowsthis" });
    await expect.poll(async () => (await device.shown()).length).toBe(2);
    const other = (await device.shown()).find(({ tag }) => tag === "nobodyknowsthis");
    expect(other).toEqual({
        title: "You have something new",
        body: "Tap to open",
        tag: "nobodyknowsthis",
        actions: [],
    });
});

test("an invalid push message shows a general notification", async ({ server, open }) => {
    const { ben } = await talk(server);
    const device = await Device.of(await open(ben, "/requests", phone));
    await device.gets("{");
    await expect.poll(() => device.shown()).toMatchObject([{ title: "You have something new" }]);
    await device.gets({ type: "test" });
    await expect
        .poll(async () => (await device.shown()).map(({ title }) => title).sort())
        .toEqual(["Test notification", "You have something new"]);
});

test("no notification is shown for a conversation on the screen", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const page = await open(ben, "/requests", phone);
    const device = await Device.of(page);
    await amara.writes(conversation, "At ten.");
    const { id } = await newest(ben);
    await page.goto(`${server.url}/messages/${conversation}`);
    await expect(page.getByRole("article").getByText("At ten.")).toBeVisible();
    await device.judges({ type: "message", id });
    expect(await device.shown()).toEqual([]);
    await page.goto(`${server.url}/requests`);
    await device.judges({ type: "message", id });
    expect(await device.shown()).toMatchObject([{ tag: id }]);
});

test("a tap opens the conversation, and a reply from the lock screen is sent once", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const page = await open(ben, "/requests", phone);
    const device = await Device.of(page);
    await amara.writes(conversation, "Shall I leave the door open?");
    const { id } = await newest(ben);

    await device.gets({ type: "message", id });
    await expect.poll(async () => (await device.shown()).length).toBe(1);
    await device.taps("reply", "Yes, please.");
    const texts = async () => {
        const { messages } = await amara.call("GET", `/conversations/${conversation}/messages`);
        return (messages as { content: string }[]).map(({ content }) => content);
    };
    await expect.poll(texts).toContain("Yes, please.");
    expect((await texts()).filter((text) => text === "Yes, please.")).toHaveLength(1);
    expect(await device.shown()).toEqual([]);
    await expect(page).toHaveURL(/\/requests$/);

    await device.gets({ type: "message", id });
    await expect.poll(async () => (await device.shown()).length).toBe(1);
    await device.taps("view");
    await expect(page).toHaveURL(new RegExp(`/messages/${conversation}$`));
    await expect(page.getByRole("article").getByText("Yes, please.")).toBeVisible();
    expect(await device.shown()).toEqual([]);
});

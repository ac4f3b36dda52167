import { holdingProxy } from "./kit/proxy.ts";
import { Server } from "./kit/server.ts";
import { desk, expect, inspect, Member, type Page, password, phone, talk, test } from "./kit/test.ts";

/** Returns the texts of a conversation from the server. */
async function stored(member: Member, conversation: string): Promise<string[]> {
    const { messages } = await member.call("GET", `/conversations/${conversation}/messages`);
    return messages.map((m: { content: string }) => m.content);
}

/** Signs in through the form. */
async function signIn(page: Page, member: Member) {
    await page.getByLabel("Email address").fill(member.email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(/\/messages$/);
}

/** Triggers a Background Sync in the service worker, as the browser does when it is online again. */
async function wakeWorker(page: Page, origin: string) {
    const devtools = await page.context().newCDPSession(page);
    const registered = new Promise<string>((found) =>
        devtools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
            const ours = registrations.find((r) => r.scopeURL.startsWith(origin) && !r.isDeleted);
            if (ours) found(ours.registrationId);
        }),
    );
    await devtools.send("ServiceWorker.enable");
    const registrationId = await registered;
    await devtools.send("ServiceWorker.dispatchSyncEvent", {
        origin,
        registrationId,
        tag: "outbox",
        lastChance: false,
    });
    await devtools.detach();
}

test("seen messages are available offline, and new ones are sent later, once and in order", async ({
    server,
    open,
}) => {
    const { amara, ben, conversation } = await talk(server);
    const page = await open(amara, `/messages/${conversation}`, desk);
    const field = page.getByLabel("Message to Ben");
    const [first] = (await ben.call("GET", `/conversations/${conversation}/messages`)).messages;
    await expect(page.getByRole("article")).toHaveCount(1);
    await page.evaluate(() => navigator.serviceWorker.ready);

    await page.context().setOffline(true);
    await expect(page.getByText("You're offline.").first()).toBeVisible();
    for (const text of ["one", "two", "three"]) {
        await field.fill(text);
        await page.keyboard.press("Enter");
    }
    const waiting = page.getByRole("img", { name: "Sending" });
    await expect(waiting).toHaveCount(3);
    await expect(waiting.first(), "its sign needs no file").toHaveCSS("mask-image", "none");
    await inspect(page, "offline");
    for (const { viewport } of [phone, desk]) {
        await page.setViewportSize(viewport);
        await expect(page.getByText("You're offline.").filter({ visible: true })).toHaveCount(1);
    }

    await page.reload();
    await expect(page.getByRole("article")).toHaveCount(4);
    const second = await page.context().newPage();
    await second.goto(`${server.url}/messages/${conversation}`);
    await expect(second.getByRole("article")).toHaveCount(4);
    await ben.writes(conversation, "meanwhile");
    await ben.call("PATCH", `/collections/messages/records/${first.id}`, { content: "I can go on Friday." });

    // Both tabs and the worker try to send.
    await page.context().setOffline(false);
    await wakeWorker(page, server.url);
    await expect(page.getByRole("img", { name: "Sending" })).toHaveCount(0, { timeout: 20_000 });
    await expect(page.getByRole("article").filter({ hasText: "meanwhile" })).toBeVisible({ timeout: 20_000 });
    await expect(page.getByRole("article").first(), "what was changed meanwhile").toContainText("on Friday.");
    await expect(second.getByRole("article")).toHaveCount(5);
    await expect
        .poll(() => stored(ben, conversation))
        .toEqual(["I can go on Friday.", "meanwhile", "one", "two", "three"]);

    // No tab is open when the network comes back, so the worker sends.
    await second.close();
    await page.context().setOffline(true);
    await field.fill("four");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("img", { name: "Sending" })).toHaveCount(1);
    await page.goto("about:blank");
    await page.context().setOffline(false);
    await wakeWorker(page, server.url);
    await expect.poll(async () => (await stored(ben, conversation)).slice(4)).toEqual(["three", "four"]);
});

test("a message whose answer was lost is stored once, with two tabs open", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const page = await open(amara, `/messages/${conversation}`, desk);
    const second = await page.context().newPage();
    await second.goto(`${server.url}/messages/${conversation}`);
    await expect(second.getByRole("article")).toHaveCount(1);
    let lost = 0;
    await page.context().route("**/api/conversations/*/messages", async (route) => {
        if (route.request().method() !== "POST" || lost > 0) return route.continue();
        lost++;
        await route.fetch();
        await route.abort("connectionreset");
    });
    await page.getByLabel("Message to Ben").fill("only once");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("img", { name: /Sent|Delivered|Read/ })).toHaveCount(1, { timeout: 20_000 });
    await expect(second.getByRole("article").filter({ hasText: "only once" })).toHaveCount(1);
    expect((await stored(ben, conversation)).filter((text) => text === "only once")).toHaveLength(1);
    expect(lost).toBe(1);
});

test("two tabs share one stream, and the second takes over", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const page = await open(amara, `/messages/${conversation}`, desk);
    const streams = new Set<string>();
    page.context().on("request", (request) => {
        if (request.method() === "GET" && request.url().endsWith("/api/realtime"))
            streams.add(request.url() + Math.random());
    });
    await expect(page.getByRole("article")).toHaveCount(1);
    const second = await page.context().newPage();
    await second.goto(`${server.url}/messages/${conversation}`);
    await expect(second.getByRole("article")).toHaveCount(1);
    await ben.writes(conversation, "to both");
    await expect(page.getByRole("article").filter({ hasText: "to both" })).toBeVisible();
    await expect(second.getByRole("article").filter({ hasText: "to both" })).toBeVisible();
    expect(streams.size).toBeLessThanOrEqual(1);
    await page.close();
    await ben.writes(conversation, "to the second");
    await expect(second.getByRole("article").filter({ hasText: "to the second" })).toBeVisible({ timeout: 20_000 });
});

test("a refused message shows the reason and can be edited", async ({ server, open }) => {
    const { amara, conversation } = await talk(server);
    const page = await open(amara, `/messages/${conversation}`, phone);
    const refused = "**/api/conversations/*/messages";
    await page.context().route(refused, (route) =>
        route.request().method() === "POST" && route.request().postData()?.includes("unkind")
            ? route.fulfill({
                  status: 400,
                  json: {
                      status: 400,
                      message: "No.",
                      data: { content: { code: "content_blocked", message: "No." } },
                  },
              })
            : route.continue(),
    );
    await page.getByLabel("Message to Ben").fill("something unkind");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await expect(page.getByText("This can't be sent as it is.")).toBeVisible();
    await inspect(page, "refused");
    await page.getByRole("link", { name: "Back to chats" }).click();
    await expect(page.getByText("1 message not sent")).toBeVisible();
    await inspect(page, "not-sent");
    await page.getByRole("link", { name: "See why" }).click();
    await page.getByLabel("Message to Ben").fill("and this");
    await page.getByRole("button", { name: "Edit" }).click();
    await expect(page.getByLabel("Message to Ben"), "what was being written stays").toHaveValue(
        "something unkind\nand this",
    );
    await page.getByLabel("Message to Ben").fill("something kind");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await expect(page.getByRole("img", { name: /Sent|Delivered/ })).toHaveCount(1);

    const texts = ["unkind one", "unkind two", "unkind three"];
    for (const text of texts) {
        await page.getByLabel("Message to Ben").fill(text);
        await page.getByRole("button", { name: "Send", exact: true }).click();
    }
    await expect(page.getByRole("alert")).toHaveCount(3);
    await page.context().unroute(refused);
    await page.getByRole("link", { name: "Back to chats" }).click();
    await expect(page.getByText("3 messages not sent")).toBeVisible();
    await page.getByRole("button", { name: "Send all again" }).click();
    await expect(page.getByText(/not sent/)).toHaveCount(0);
    await expect.poll(() => stored(amara, conversation)).toEqual([expect.any(String), "something kind", ...texts]);
});

test("after the server is killed and restarted, no message is lost or repeated", async ({ open }) => {
    const server = await Server.start();
    try {
        const { amara, ben, conversation } = await talk(server);
        const page = await open(amara, `/messages/${conversation}`, desk);
        await expect(page.getByRole("article")).toHaveCount(1);
        const field = page.getByLabel("Message to Ben");
        await field.fill("the last before");
        await page.keyboard.press("Enter");
        await expect(page.getByRole("img", { name: /Sent|Delivered|Read/ })).toHaveCount(1);
        await server.kill();
        await field.fill("while it was down");
        await page.keyboard.press("Enter");
        await expect(page.getByRole("img", { name: "Sending" })).toHaveCount(1);
        await server.serve();
        await ben.writes(conversation, "it is back");
        await expect(page.getByRole("article").filter({ hasText: "it is back" })).toHaveCount(1, { timeout: 60_000 });
        await expect(page.getByRole("img", { name: "Sending" })).toHaveCount(0, { timeout: 60_000 });
        await expect(page.getByRole("article")).toHaveCount(4);
        const texts = (await stored(ben, conversation)).slice(1);
        expect(texts[0]).toBe("the last before");
        expect(texts.slice(1).sort()).toEqual(["it is back", "while it was down"]);
    } finally {
        await server.stop();
    }
});

test("messages arrive behind a proxy that buffers streams, and the settings say so", async ({ server, open }) => {
    const proxy = await holdingProxy(server.port);
    try {
        const { amara, ben, conversation } = await talk(server);
        const page = await open(null, `${proxy.url}/signin`, desk);
        await signIn(page, amara);
        await page.goto(`${proxy.url}/messages/${conversation}`);
        await expect(page.getByRole("article")).toHaveCount(1);
        await page.goto(`${proxy.url}/settings/notifications`);
        await expect(page.getByText("Something on your network slows us down")).toBeVisible();
        await page.goto(`${proxy.url}/messages/${conversation}`);
        await expect(page.getByRole("article")).toHaveCount(1);
        await ben.writes(conversation, "by another way");
        await expect(page.getByRole("article").filter({ hasText: "by another way" })).toBeVisible();
    } finally {
        await proxy.close();
    }
});

test("a sign-out removes everything from the device, and the next member finds nothing", async ({ server, open }) => {
    const { amara, conversation } = await talk(server);
    const cleo = await Member.join(server, "Cleo");
    const page = await open(amara, `/messages/${conversation}`, phone);
    await page.getByLabel("Message to Ben").fill("a draft");
    await expect(page.getByRole("article")).toHaveCount(1);
    /** Returns everything that the browser stores for the client, as text. */
    const kept = () =>
        page.evaluate(async () => {
            const all: unknown[] = [Object.entries(localStorage)];
            for (const { name } of await indexedDB.databases()) {
                const db = await new Promise<IDBDatabase>((done) => {
                    const asked = indexedDB.open(name!);
                    asked.onsuccess = () => done(asked.result);
                });
                for (const store of db.objectStoreNames) {
                    const rows = db.transaction(store).objectStore(store).getAll();
                    await new Promise((done) => (rows.onsuccess = done));
                    all.push(name, rows.result);
                }
                db.close();
            }
            for (const name of await caches.keys())
                all.push((await (await caches.open(name)).keys()).map((request) => request.url));
            return JSON.stringify(all);
        });
    await expect.poll(kept).toContain("a draft");
    expect(await kept()).toContain("I can go on Thursday.");

    await page.goto(`${server.url}/settings`);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    const left = await kept();
    for (const trace of [amara.id, conversation, "Thursday", "a draft", "/api/"]) expect(left).not.toContain(trace);

    await signIn(page, cleo);
    await expect(page.getByText("No chats yet")).toBeVisible();
    await page.goto(`${server.url}/messages/${conversation}`);
    await expect(page.getByText("Chat not found")).toBeVisible();
    expect(await kept()).not.toContain("Thursday");
});

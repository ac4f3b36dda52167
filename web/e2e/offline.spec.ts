import { desk, expect, inspect, phone, talk, test } from "./kit/test.ts";
import { Server } from "./kit/server.ts";

test("what was seen is there offline, and what is written there is sent later, once and in order", async ({
    server,
    open,
}) => {
    const { amara, ben, conversation } = await talk(server);
    const page = await open(amara, `/messages/${conversation}`, desk);
    const field = page.getByLabel("Message to Ben");
    await expect(page.getByRole("article")).toHaveCount(1);
    await page.evaluate(() => navigator.serviceWorker.ready);

    await page.context().setOffline(true);
    await expect(page.getByText("You are offline.").first()).toBeVisible();
    for (const text of ["one", "two", "three"]) {
        await field.fill(text);
        await page.keyboard.press("Enter");
    }
    await expect(page.getByRole("img", { name: "Waiting to be sent" })).toHaveCount(3);
    await inspect(page, "offline");

    await page.reload();
    await expect(page.getByRole("article")).toHaveCount(4);
    await ben.writes(conversation, "meanwhile");

    await page.context().setOffline(false);
    await expect(page.getByRole("img", { name: "Waiting to be sent" })).toHaveCount(0, { timeout: 20_000 });
    await expect(page.getByRole("article").filter({ hasText: "meanwhile" })).toBeVisible({ timeout: 20_000 });
    const { messages } = await ben.call("GET", `/conversations/${conversation}/messages`);
    expect(messages.slice(1).map((m: { content: string }) => m.content)).toEqual(["meanwhile", "one", "two", "three"]);
});

test("a message whose answer was lost is written once, with two tabs open", async ({ server, open }) => {
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
    const { messages } = await ben.call("GET", `/conversations/${conversation}/messages`);
    expect(messages.filter((m: { content: string }) => m.content === "only once")).toHaveLength(1);
    expect(lost).toBe(1);
});

test("two tabs share one stream, and the second takes it over", async ({ server, open }) => {
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

test("a message that the server refuses says why, and can be edited", async ({ server, open }) => {
    const { amara, conversation } = await talk(server);
    const page = await open(amara, `/messages/${conversation}`, phone);
    await page.context().route("**/api/conversations/*/messages", (route) =>
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
    await expect(page.getByText("This text cannot be sent as it is.")).toBeVisible();
    await inspect(page, "refused");
    await page.getByRole("link", { name: "To the conversations" }).click();
    await expect(page.getByText("1 message not sent")).toBeVisible();
    await inspect(page, "not-sent");
    await page.getByRole("link", { name: "See why" }).click();
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Message to Ben").fill("something kind");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await expect(page.getByRole("img", { name: /Sent|Delivered/ })).toHaveCount(1);
});

test("the server is killed and starts again: nothing is lost, nothing comes twice", async ({ open }) => {
    const server = await Server.start();
    try {
        const { amara, ben, conversation } = await talk(server);
        const page = await open(amara, `/messages/${conversation}`, desk);
        await expect(page.getByRole("article")).toHaveCount(1);
        await server.kill();
        await page.getByLabel("Message to Ben").fill("while it was down");
        await page.keyboard.press("Enter");
        await expect(page.getByRole("img", { name: "Waiting to be sent" })).toHaveCount(1);
        await server.serve();
        await ben.writes(conversation, "it is back");
        await expect(page.getByRole("article").filter({ hasText: "it is back" })).toHaveCount(1, { timeout: 30_000 });
        await expect(page.getByRole("img", { name: /Sent|Delivered|Read/ })).toHaveCount(1, { timeout: 30_000 });
        const { messages } = await ben.call("GET", `/conversations/${conversation}/messages`);
        expect(messages.filter((m: { content: string }) => m.content === "while it was down")).toHaveLength(1);
    } finally {
        await server.stop();
    }
});

test("where a proxy holds streams back, messages come all the same", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const page = await open(amara, "/signin", desk);
    await page
        .context()
        .route("**/api/realtime/probe", async (route) => route.fulfill({ response: await route.fetch() }));
    await page
        .context()
        .route("**/api/realtime", (route) => (route.request().method() === "GET" ? undefined : route.continue()));
    await page.goto(`${server.url}/messages/${conversation}`);
    await expect(page.getByRole("article")).toHaveCount(1);
    await ben.writes(conversation, "by another way");
    await expect(page.getByRole("article").filter({ hasText: "by another way" })).toBeVisible({ timeout: 20_000 });
});

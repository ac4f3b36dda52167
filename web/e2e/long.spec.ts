import { answer, idOf, messageAt } from "./kit/long.ts";
import { desk, expect, phone, talk, test } from "./kit/test.ts";

const many = 10_000;

test("ten thousand messages need few nodes, and older ones load without a jump", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const { conversation: whole } = await amara.call("GET", `/conversations/${conversation}`);
    const page = await open(amara, "/messages", desk);
    await answer(page, { conversation, whole, senders: [amara.id, ben.id], many });
    await page.getByRole("link", { name: /Ben/ }).click();
    await expect(page.getByRole("article").filter({ hasText: `Message ${many}:` })).toBeVisible();

    const jumps: number[] = [];
    const feed = page.getByRole("feed");
    for (let round = 0; round < 12; round++) {
        jumps.push(
            await feed.evaluate(async (pane) => {
                const before = pane.scrollHeight;
                const top = () => pane.getBoundingClientRect().top;
                const drawn = () =>
                    [...pane.querySelectorAll("article")].some((row) => {
                        const box = row.getBoundingClientRect();
                        return box.top <= top() + 40 && box.bottom > top();
                    });
                // First to where nothing is loaded yet, until its rows are rendered; then a little further.
                do {
                    pane.scrollTop = 700;
                    for (let frame = 0; frame < 5; frame++) await new Promise(requestAnimationFrame);
                } while (pane.scrollTop !== 700 || !drawn());
                pane.scrollTop = 560;
                const anchor = [...pane.querySelectorAll("article")].find(
                    (row) => row.getBoundingClientRect().top > top() + 40,
                )!;
                const key = anchor.dataset["row"];
                const place = anchor.getBoundingClientRect().top;
                const grown = Date.now() + 30_000;
                while (pane.scrollHeight < before + 500 && Date.now() < grown) await new Promise(requestAnimationFrame);
                for (let frame = 0; frame < 10; frame++) await new Promise(requestAnimationFrame);
                const now = pane.querySelector(`[data-row="${key}"]`);
                return now ? Math.abs(now.getBoundingClientRect().top - place) : Infinity;
            }),
        );
    }
    const nodes = await feed.evaluate((pane) => ({
        rows: pane.querySelectorAll("article").length,
        all: pane.querySelectorAll("*").length,
    }));
    console.log(
        `jumps of ${jumps.map((j) => j.toFixed(2)).join(", ")} px; ${nodes.rows} rows, ${nodes.all} nodes in the list`,
    );
    expect(Math.max(...jumps)).toBeLessThan(1);
    expect(nodes.rows).toBeLessThan(60);
});

test("ten thousand messages kept on the device are shown at once and scroll", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const page = await open(amara, "/messages", desk);
    await expect(page.getByRole("link", { name: /Ben/ })).toBeVisible();
    const { conversation: whole } = await amara.call("GET", `/conversations/${conversation}`);
    const messages = Array.from({ length: many }, (_, i) => messageAt(i + 1, { whole, senders: [amara.id, ben.id] }));
    await page.context().route(`**/api/conversations/${conversation}/messages?*`, (route) =>
        route.fulfill({
            json: { messages: [], conversation: whole, pagination: { cursor: "", limit: 50, has_more: false } },
        }),
    );
    await page.evaluate(
        async ([user, id, all]) => {
            const db = await new Promise<IDBDatabase>((done, fail) => {
                const asked = indexedDB.open(`cc-${user}`);
                asked.onsuccess = () => done(asked.result);
                asked.onerror = () => fail(asked.error);
            });
            const tx = db.transaction(["messages", "spans"], "readwrite");
            for (const one of all) tx.objectStore("messages").put(one);
            tx.objectStore("spans").put({ conversation: id, low: 1, high: all.length, cursor: "", known: "" });
            await new Promise((done) => (tx.oncomplete = done));
            db.close();
        },
        [amara.id, conversation, messages] as const,
    );
    await page.getByRole("link", { name: /Ben/ }).click();
    const feed = page.getByRole("feed");
    await expect(page.getByRole("article").filter({ hasText: `Message ${many}:` })).toBeVisible();
    for (let round = 0; round < 30; round++) {
        await feed.evaluate(async (pane) => {
            pane.scrollTop = 0;
            for (let frame = 0; frame < 5; frame++) await new Promise(requestAnimationFrame);
        });
    }
    const nodes = await feed.evaluate((pane) => ({
        rows: pane.querySelectorAll("article").length,
        all: pane.querySelectorAll("*").length,
    }));
    console.log(`${nodes.rows} rows, ${nodes.all} nodes in the list`);
    expect(nodes.rows).toBeLessThan(60);
    await page.getByRole("button", { name: "Latest" }).click();
    await expect(page.getByRole("article").filter({ hasText: `Message ${many}:` })).toBeVisible();
});

test("a search result opens a message five thousand back, and a reply jumps to its original", async ({
    server,
    open,
}) => {
    const { amara, ben, conversation } = await talk(server);
    const { conversation: whole } = await amara.call("GET", `/conversations/${conversation}`);
    const changes = { [many]: { reply_to: idOf(3) } };
    const long = { conversation, whole, senders: [amara.id, ben.id] as [string, string], many, changes };
    const page = await open(amara, "/signin", phone);
    const asked = await answer(page, long);
    const found = messageAt(5_000, long);
    await page.context().route("**/api/messages/search?*", (route) =>
        route.fulfill({
            json: {
                messages: [found],
                marks: { [found.id]: [[0, 7]] },
                pagination: { cursor: "", limit: 20, has_more: false },
            },
        }),
    );
    await page
        .context()
        .route(`**/api/collections/messages/records/${idOf(3)}`, (route) =>
            route.fulfill({ json: messageAt(3, long) }),
        );
    const read: string[] = [];
    page.on("request", (request) => request.url().endsWith("/read") && read.push(request.url()));

    await page.goto(`${server.url}/messages/search?q=message`);
    await page.getByRole("link", { name: /Message 5000:/ }).click();
    const row = (seq: number) => page.locator(`[data-row="${idOf(seq)}"]`);
    await expect(row(5_000)).toBeFocused();
    await expect(row(5_000)).toBeInViewport();
    await expect(row(5_000)).toHaveClass(/found/);
    await page.screenshot({ path: "e2e/screens/found-phone-light.png" });
    expect(asked.length, "questions for messages").toBeLessThan(8);
    expect(read, "nothing at the end has been seen").toEqual([]);

    const feed = page.getByRole("feed");
    /** Scrolls as far as possible, and returns the places that are rendered there. */
    const scrollTo = (end: "top" | "bottom") =>
        feed.evaluate((pane, to) => {
            const there = to === "top" ? 0 : pane.scrollHeight;
            if (to === "top" && pane.scrollTop === 0)
                pane.scrollTop = 300; // like a finger that moves back and forth
            else pane.scrollTop = there;
            return [...pane.querySelectorAll<HTMLElement>("[data-row]")].map((r) => Number(r.dataset["row"]!.slice(1)));
        }, end);
    await expect.poll(async () => Math.max(...(await scrollTo("bottom")))).toBeGreaterThan(5_100);
    await expect.poll(async () => Math.min(...(await scrollTo("top")))).toBeLessThan(4_900);

    await page.getByRole("button", { name: "Latest" }).click();
    await expect(row(many)).toBeInViewport();
    await row(many)
        .getByRole("button", { name: /earlier message/ })
        .click();
    await expect(row(3)).toBeFocused();
    await expect(row(3)).toBeInViewport();
});

test("a reader who returns after many messages starts at the first new one", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const [first] = (await amara.call("GET", `/conversations/${conversation}/messages`)).messages;
    await amara.call("PUT", `/messages/${first.id}/read`);
    const { conversation: whole } = await amara.call("GET", `/conversations/${conversation}`);
    const page = await open(amara, "/messages", desk);
    await answer(page, { conversation, whole, senders: [amara.id, ben.id], many: 400 });
    const read: string[] = [];
    page.on("request", (request) => request.url().endsWith("/read") && read.push(request.url()));
    await page.getByRole("link", { name: /Ben/ }).click();
    await expect(page.getByText("New", { exact: true })).toBeInViewport();
    await expect(page.locator(`[data-row="${idOf(2)}"]`)).toBeInViewport();
    expect(read, "what is below has not been seen").toEqual([]);
    await page.getByRole("button", { name: "Latest" }).click();
    await expect(page.locator(`[data-row="${idOf(400)}"]`)).toBeInViewport();
    await expect.poll(() => read.length).toBeGreaterThan(0);
});

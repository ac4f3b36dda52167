import { desk, expect, talk, test } from "./kit/test.ts";

// Ten thousand messages, answered by the test in the server's shape: writing them would take the limits away.
const many = 10_000;

test("ten thousand messages: few nodes, and no jump when older ones come", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const { conversation: whole } = await amara.call("GET", `/conversations/${conversation}`);
    const page = await open(amara, "/messages", desk);
    await page.context().route(`**/api/conversations/${conversation}/messages?*`, (route) => {
        const query = new URL(route.request().url()).searchParams;
        const newer = query.get("direction") === "newer";
        const end = query.get("cursor") ? Number(query.get("cursor")) : many;
        const begin = Math.max(end - Number(query.get("limit") ?? 50), 0);
        const messages = newer
            ? []
            : Array.from({ length: end - begin }, (_, i) => message(begin + i + 1, whole, ben.id, amara.id));
        const pagination = { cursor: begin > 0 ? String(begin) : "", limit: 50, has_more: !newer && begin > 0 };
        return route.fulfill({ json: { messages, conversation: whole, pagination } });
    });
    await page.getByRole("link", { name: /Ben/ }).click();
    await expect(page.getByRole("article").filter({ hasText: `Message ${many}:` })).toBeVisible();

    const jumps: number[] = [];
    const feed = page.getByRole("feed");
    for (let round = 0; round < 12; round++) {
        jumps.push(
            await feed.evaluate(async (pane) => {
                const before = pane.scrollHeight;
                // First where nothing is fetched yet, so that the rows there are drawn; then a little further.
                pane.scrollTop = 700;
                for (let frame = 0; frame < 5; frame++) await new Promise(requestAnimationFrame);
                pane.scrollTop = 560;
                const top = () => pane.getBoundingClientRect().top;
                const anchor = [...pane.querySelectorAll("article")].find(
                    (row) => row.getBoundingClientRect().top > top() + 40,
                )!;
                const key = anchor.dataset["row"];
                const place = anchor.getBoundingClientRect().top;
                const grown = Date.now() + 10_000;
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

test("all ten thousand kept on the device are there at once, and scroll", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const page = await open(amara, "/messages", desk);
    await expect(page.getByRole("link", { name: /Ben/ })).toBeVisible();
    const { conversation: whole } = await amara.call("GET", `/conversations/${conversation}`);
    const messages = Array.from({ length: many }, (_, i) => message(i + 1, whole, ben.id, amara.id));
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
    await page.getByRole("button", { name: "To the newest" }).click();
    await expect(page.getByRole("article").filter({ hasText: `Message ${many}:` })).toBeVisible();
});

function message(seq: number, whole: { last_message: object }, ben: string, amara: string) {
    const at = new Date(Date.parse("2026-01-01T00:00:00Z") + seq * 600_000).toISOString().replace("T", " ");
    return {
        ...whole.last_message,
        id: `m${String(seq).padStart(14, "0")}`,
        seq,
        sender: seq % 3 ? ben : amara,
        content: `Message ${seq}: ${"a few words more. ".repeat(seq % 7)}`,
        created_at: at,
        updated_at: at,
    };
}

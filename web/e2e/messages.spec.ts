import { desk, expect, inspect, Member, phone, talk, test } from "./kit/test.ts";

test("two members write to each other and see the messages at once", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const hers = await open(amara, `/messages/${conversation}`);
    const his = await open(ben, `/messages/${conversation}`);
    await expect(hers.getByRole("article").getByText("I can go on Thursday.")).toBeVisible();
    await expect(his.getByRole("heading", { name: "Amara" })).toBeVisible();

    // The typing signal is sent again every few seconds, so a late listener receives it too.
    await expect(async () => {
        await hers.getByLabel("Message to Ben").pressSequentially(".");
        await expect(his.getByText("Amara is typing…")).toBeVisible({ timeout: 1_000 });
    }).toPass();
    await hers.getByLabel("Message to Ben").fill("Thursday is good. Thank you!");
    await hers.keyboard.press("Enter");
    await expect(his.getByRole("article").getByText("Thursday is good. Thank you!")).toBeVisible();
    await expect(hers.getByRole("img", { name: "Read" })).toHaveCount(1);
    await inspect(hers, "thread");
});

test("messages come to the other's screen by themselves, in the order in which they were sent", async ({
    server,
    open,
}) => {
    const { amara, ben, conversation } = await talk(server);
    const hers = await open(amara, `/messages/${conversation}`);
    const his = await open(ben, `/messages/${conversation}`);
    await expect(his.getByLabel("Message to Amara")).toBeVisible();
    const sent: string[] = [];
    for (let i = 0; i < 5; i++) {
        sent.push(`Number ${i} of five`);
        await hers.getByLabel("Message to Ben").fill(sent[i]!);
        await hers.keyboard.press("Enter");
        await expect(hers.getByRole("article").filter({ hasText: sent[i]! })).toHaveCount(1);
    }
    const shown = his.getByRole("article").filter({ hasText: /Number \d of five/ });
    await expect(shown).toHaveCount(sent.length);
    await expect(shown).toContainText(sent);
});

test("a message request is accepted, and both can write", async ({ server, open }) => {
    const amara = await Member.join(server, "Amara");
    const ben = await Member.join(server, "Ben");
    await amara.call("PUT", "/messaging/preferences", { can_receive_from: "anyone" });
    await ben.call("POST", "/conversations", {
        recipient_id: amara.id,
        initial_message: "May I ask? https://example.org/a",
    });

    const page = await open(amara, "/messages/requests");
    await page.getByRole("link", { name: /Ben/ }).click();
    await expect(page.getByText("Ben would like to chat with you")).toBeVisible();
    await expect(page.getByRole("article").getByRole("link")).toHaveCount(0);
    await inspect(page, "request");
    await page.getByRole("button", { name: "Accept" }).click();
    await page.getByLabel("Message to Ben").fill("Of course.");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("img", { name: /Sent|Delivered|Read/ })).toHaveCount(1);
});

test("a declined message request disappears", async ({ server, open }) => {
    const amara = await Member.join(server, "Amara");
    const ben = await Member.join(server, "Ben");
    await amara.call("PUT", "/messaging/preferences", { can_receive_from: "anyone" });
    await ben.call("POST", "/conversations", { recipient_id: amara.id, initial_message: "May I ask?" });
    const page = await open(amara, "/messages/requests", phone);
    await page.getByRole("link", { name: /Ben/ }).click();
    await page.getByRole("button", { name: "Decline" }).click();
    await expect(page.getByText("No requests")).toBeVisible();
    await inspect(page, "requests-empty");
});

test("a message is replied to, edited and deleted with the keyboard only", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const page = await open(amara, `/messages/${conversation}`, desk);
    const his = await open(ben, `/messages/${conversation}`, desk);
    const field = page.getByLabel("Message to Ben");
    await expect(page.getByRole("article")).toHaveCount(1);

    await page.getByRole("article").last().focus();
    await page.keyboard.press("r");
    await expect(page.getByText("Replying to Ben")).toBeVisible();
    await expect(field).toBeFocused();
    await page.keyboard.type("At tne.");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("article")).toHaveCount(2);
    await expect(his.getByRole("article")).toHaveCount(2);
    await expect(his.getByRole("article").last()).toContainText("I can go on Thursday.");

    await page.getByRole("article").last().focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("menuitem", { name: "Reply" })).toBeFocused();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await expect(page.getByRole("menuitem", { name: "Edit" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(field).toHaveValue("At tne.");
    await field.fill("At ten.");
    await page.keyboard.press("Enter");
    await expect(his.getByRole("article").last()).toContainText("At ten.");
    await expect(his.getByRole("article").last()).toContainText("edited");
    await expect(field, "the edit is answered, and the field has the focus").toHaveValue("");

    await page.getByRole("article").last().focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("menuitem", { name: "Reply" })).toBeFocused();
    await page.keyboard.press("End");
    await expect(page.getByRole("menuitem", { name: "Delete" })).toBeFocused();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Delete this message?" });
    await expect(dialog).toBeVisible();
    await dialog.getByRole("button", { name: "Delete" }).press("Enter");
    await expect(his.getByRole("article").last()).toContainText("This message was deleted.");
});

test("the client asks before it sends personal details", async ({ server, open }) => {
    const { amara, conversation } = await talk(server);
    const page = await open(amara, `/messages/${conversation}`);
    const requests: string[] = [];
    page.on("request", (request) => request.method() === "POST" && requests.push(request.url()));
    await page.getByLabel("Message to Ben").fill("Call me: +1 312 555 0142");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await expect(page.getByRole("dialog", { name: "Share personal details?" })).toBeVisible();
    expect(requests.filter((url) => url.endsWith("/messages"))).toEqual([]);
    await inspect(page, "personal-details");
    await page.getByRole("button", { name: "Send anyway" }).click();
    await expect(page.getByRole("img", { name: /Sent|Delivered|Read/ })).toHaveCount(1);
});

test("a draft is kept when the reader leaves and returns", async ({ server, open }) => {
    const { amara, conversation } = await talk(server);
    const page = await open(amara, `/messages/${conversation}`, desk);
    await page.getByLabel("Message to Ben").fill("I am not sure yet");
    await page.getByRole("link", { name: "Chats", exact: true }).click();
    await expect(page.getByText("Choose a chat")).toBeVisible();
    await page.reload();
    await page.getByRole("link", { name: /Ben/ }).click();
    await expect(page.getByLabel("Message to Ben")).toHaveValue("I am not sure yet");
});

test("a group is created from known people, who are all invited", async ({ server, open }) => {
    const { amara, ben } = await talk(server);
    const page = await open(amara, "/messages", desk);
    const his = await open(ben, "/messages/requests", phone);
    await page.getByRole("link", { name: "New group" }).click();
    await page.getByLabel("Group name").fill("Sunday kitchen");
    await inspect(page, "new-group");
    await page.getByLabel("First message").fill("Who cooks, who carries?");
    await page.getByRole("button", { name: "Send invites" }).click();
    await expect(page.getByText("Choose at least one person.")).toBeVisible();
    await page.getByRole("checkbox", { name: /Ben/ }).check();
    await page.getByRole("button", { name: "Send invites" }).click();
    await expect(page.getByRole("heading", { name: "Sunday kitchen" })).toBeVisible();

    await his.getByRole("link", { name: /Sunday kitchen/ }).click();
    await expect(his.getByText("Amara invited you to this group")).toBeVisible();
    await his.getByRole("button", { name: "Accept" }).click();
    await expect(page.getByRole("article", { name: "Ben joined" })).toBeVisible();
    await inspect(page, "group");
});

test("a search finds words in the reader's messages", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    await ben.writes(conversation, "Which milk? Oat milk?");
    const page = await open(amara, "/messages/search", desk);
    await page.getByLabel("Search messages").fill("oat mil");
    await page.keyboard.press("Enter");
    await expect(page.locator("mark").first()).toBeVisible();
    await expect(page.getByText("Ben", { exact: true }), "the sender and the title once").toBeVisible();
    await inspect(page, "search");
    await page.getByRole("link", { name: /Which milk/ }).click();
    await expect(page.getByRole("article").filter({ hasText: "Oat milk" })).toBeVisible();
    await page.goto(`${server.url}/messages/search?q=submarine`);
    await expect(page.getByText("No results")).toBeVisible();
});

test("a photo is sent with a description and shown to the other participant", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const page = await open(amara, `/messages/${conversation}`, desk);
    const his = await open(ben, `/messages/${conversation}`, phone);
    await expect(page.getByLabel("Message to Ben")).toBeVisible();
    await page.locator("input[type=file]").setInputFiles("public/icons/icon-512.png");
    await page.getByLabel("Description of photo 1").fill("A heart");
    await page.getByLabel("Message to Ben").fill("For you");
    await inspect(page, "composer-picture");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await expect(page.getByRole("button", { name: "Open photo: A heart" })).toBeVisible();
    await his.getByRole("button", { name: "Open photo: A heart" }).click();
    const whole = his.getByRole("dialog").getByRole("img", { name: "A heart" });
    await expect.poll(() => whole.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(300);
    await inspect(his, "picture");
});

test("a swipe replies, and a swipe the other way reports", async ({ server, open }) => {
    const { amara, conversation } = await talk(server);
    const page = await open(amara, `/messages/${conversation}`, phone);
    const bubble = page.getByRole("article").first();
    await expect(bubble).toBeVisible();
    const swipe = (by: number) =>
        bubble.evaluate((row, distance) => {
            const at = (type: string, x: number) =>
                row.dispatchEvent(
                    new PointerEvent(type, {
                        pointerType: "touch",
                        isPrimary: true,
                        bubbles: true,
                        clientX: x,
                        clientY: 100,
                    }),
                );
            at("pointerdown", 180);
            for (const share of [0.25, 0.5, 0.75, 1]) at("pointermove", 180 + distance * share);
            at("pointerup", 180 + distance);
        }, by);
    await swipe(90);
    await expect(page.getByText("Replying to Ben")).toBeVisible();
    await swipe(-90);
    const dialog = page.getByRole("dialog", { name: "Report this message" });
    await expect(dialog).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();

    // The same with a key, and with the menu.
    await bubble.focus();
    await page.keyboard.press("!");
    await expect(dialog).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await bubble.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Report" }).press("Enter");
    await dialog.getByLabel("Spam").check();
    await dialog.getByRole("button", { name: "Send report" }).click();
    await expect(dialog.getByText("Thank you for reporting")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(bubble).toContainText("This message is hidden.");
});

test("unread messages are marked, and read once they are seen", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const page = await open(amara, `/messages/${conversation}`, desk);
    await expect(page.getByRole("article")).toHaveCount(1);
    await expect.poll(async () => (await amara.call("GET", "/conversations")).conversations[0].unread_count).toBe(0);
    await page.goto(`${server.url}/requests`);
    for (let i = 1; i <= 3; i++) await ben.writes(conversation, `unread ${i}`);
    await page.goto(`${server.url}/messages`);
    await expect(page.getByRole("link", { name: /Ben.*3 unread/s })).toBeVisible();
    await inspect(page, "list");
    await page.getByRole("link", { name: /Ben.*3 unread/s }).click();
    await expect(page.getByText("New", { exact: true })).toBeVisible();
    await expect(page.getByRole("link", { name: /3 unread/ })).toHaveCount(0);
    await inspect(page, "unread");
});

test("a conversation is archived, listed in the archive, and unarchived", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const page = await open(amara, `/messages/${conversation}`, desk);
    const list = page.getByRole("region", { name: "Messages" });
    await page.getByRole("button", { name: "Chat options" }).click();
    await page.getByRole("menuitem", { name: "Archive" }).click();
    await expect(page).toHaveURL(/\/messages$/);
    await expect(list.getByText("No chats yet")).toBeVisible();

    await page.goto(`${server.url}/messages/archived`);
    await expect(list.getByRole("link", { name: /Ben/ })).toBeVisible();
    await ben.writes(conversation, "Are you there?");
    await expect(list.getByRole("link", { name: /Archived.*1/ })).toBeVisible();
    await inspect(page, "archived");
    await list.getByRole("link", { name: /Ben/ }).click();
    await page.getByRole("button", { name: "Chat options" }).click();
    await page.getByRole("menuitem", { name: "Unarchive" }).click();
    await expect(list.getByText("No archived chats")).toBeVisible();
    await page.goto(`${server.url}/messages`);
    await expect(list.getByRole("link", { name: /Ben/ })).toBeVisible();
});

test("further pages of conversations load on scrolling, and pulling the list reloads it", async ({ server, open }) => {
    const { amara, conversation } = await talk(server);
    const { conversation: one } = await amara.call("GET", `/conversations/${conversation}`);
    const total = 120;
    const all = Array.from({ length: total }, (_, i) => ({
        ...one,
        id: `c${String(i).padStart(14, "0")}`,
        help_request: { ...one.help_request, title: `Request ${i}` },
        last_message_at: new Date(Date.parse("2026-03-01") - i * 60_000).toISOString().replace("T", " "),
    }));
    const page = await open(amara, "/signin", phone);
    let asked = 0;
    await page.context().route("**/api/conversations?*", (route) => {
        asked++;
        const query = new URL(route.request().url()).searchParams;
        const [at, limit] = [Number(query.get("page")), Number(query.get("limit"))];
        const conversations = all.slice((at - 1) * limit, at * limit);
        return route.fulfill({ json: { conversations, pagination: { page: at, limit, total } } });
    });
    await page.goto(`${server.url}/messages`);
    const rows = page.getByRole("region", { name: "Messages" }).getByRole("listitem");
    await expect(rows.first()).toBeVisible();
    expect(await rows.count(), "not all at once").toBeLessThan(total);
    await expect(async () => {
        await rows.last().scrollIntoViewIfNeeded();
        await expect(rows).toHaveCount(total, { timeout: 1_000 });
    }).toPass();
    await expect(rows.last()).toContainText("Request 119");

    await rows.first().scrollIntoViewIfNeeded();
    all[0].help_request = { ...one.help_request, title: "Something new" };
    const before = asked;
    await rows.first().evaluate((row) => {
        const at = (type: string, clientY: number) => {
            const touches = [new Touch({ identifier: 1, target: row, clientX: 100, clientY })];
            row.dispatchEvent(new TouchEvent(type, { touches: type === "touchend" ? [] : touches, bubbles: true }));
        };
        at("touchstart", 200);
        for (const y of [240, 300, 380]) at("touchmove", y);
        at("touchend", 380);
    });
    await expect(rows.first()).toContainText("Something new");
    expect(asked).toBeGreaterThan(before);
});

import { expect, inspect, Member, phone, talk, test } from "./kit/test.ts";

test.describe.configure({ timeout: 180_000 }); // each test inspects many screens

test("a new notification is counted, listed, opened and read", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const page = await open(ben, "/notifications", phone);
    await expect(page.getByText("You're all caught up")).toBeVisible();
    await inspect(page, "notifications-none");
    await amara.writes(conversation, "At ten.");
    await expect(page.getByText(/new message/i).first()).toBeVisible({ timeout: 20_000 });
    await expect(page.getByRole("link", { name: /Activity.*unread/ })).toBeVisible();
    await inspect(page, "notifications");
    await page
        .getByRole("main")
        .getByRole("link", { name: /new message/i })
        .first()
        .click();
    await expect(page).toHaveURL(new RegExp(`/messages/${conversation}$`));
    await page.goto(`${server.url}/notifications`);
    await expect(page.getByRole("link", { name: /Activity.*unread/ })).toBeHidden();
});

test("all notifications are marked as read at once", async ({ server, open }) => {
    const [amara, ben] = await Promise.all([Member.join(server, "Amara"), Member.join(server, "Ben")]);
    await amara.call("PUT", "/messaging/preferences", { can_receive_from: "anyone" });
    await ben.call("POST", "/conversations", { recipient_id: amara.id, initial_message: "Hello!" });
    const page = await open(amara, "/notifications");
    await expect(page.getByRole("main").getByText("(unread)").first()).toBeAttached({ timeout: 20_000 });
    await page.getByRole("button", { name: "Mark all as read" }).click();
    await expect(page.getByText("(unread)")).toHaveCount(0);
    await expect(page.getByRole("button", { name: "Mark all as read" })).toBeHidden();
});

test("a conversation is muted for a while and unmuted", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const page = await open(ben, `/messages/${conversation}`, phone);
    await page.getByRole("button", { name: "Chat options" }).click();
    await page.getByRole("menuitem", { name: "Mute" }).click();
    await inspect(page, "mute");
    await page.getByRole("button", { name: "1 hour" }).click();
    await expect(page.getByRole("dialog")).toBeHidden();
    await page.goto(`${server.url}/notifications`);
    await amara.writes(conversation, "At ten.");
    await expect(page.getByRole("link", { name: /Messages.*unread/ })).toBeVisible();
    await page.goto(`${server.url}/messages/${conversation}`);
    await page.getByRole("button", { name: "Chat options" }).click();
    await page.getByRole("menuitem", { name: "Unmute" }).click();
    await page.getByRole("button", { name: "Chat options" }).click();
    await expect(page.getByRole("menuitem", { name: "Mute", exact: true })).toBeVisible();
});

import { expect, inspect, Member, moderator, type Page, phone, talk, test } from "./kit/test.ts";

test.describe.configure({ timeout: 180_000 }); // each test inspects many screens

/** Answers for a foreign page, so that the tests need no internet. */
async function standIn(page: Page) {
    await page
        .context()
        .route("https://www.wikipedia.org/**", (route) =>
            route.fulfill({ contentType: "text/html", body: "<title>Encyclopedia</title><h1>Encyclopedia</h1>" }),
        );
}

test("a help request is reported, and its author is blocked and unblocked", async ({ server, open }) => {
    const [amara, ben] = await Promise.all([Member.join(server, "Amara"), Member.join(server, "Ben")]);
    const help = await ben.asks("Send me money first");
    const page = await open(amara, `/requests/${help}`, phone);
    await page.getByRole("button", { name: "Report" }).click();
    const dialog = page.getByRole("dialog", { name: "Report this help request" });
    await expect(dialog.getByRole("button", { name: "Send report" })).toBeDisabled();
    await dialog.getByLabel("Suspected scam or fraud").check();
    await dialog.getByLabel("More details").fill("Asked for a gift card.");
    await inspect(page, "report");
    await dialog.getByRole("button", { name: "Send report" }).click();
    await expect(dialog.getByText("Thank you for reporting")).toBeVisible();
    await inspect(page, "report-done");
    await dialog.getByRole("button", { name: "Block Ben" }).click();
    await expect(dialog.getByText("Ben is blocked.")).toBeVisible();
    await dialog.getByRole("button", { name: "Close" }).last().click();

    await page.goto(`${server.url}/settings/blocked`);
    await expect(page.getByText("Ben", { exact: true })).toBeVisible();
    await inspect(page, "blocked");
    await page.getByRole("button", { name: "Unblock Ben" }).click();
    await expect(page.getByText("You haven't blocked anyone")).toBeVisible();

    await page.goto(`${server.url}/reports`);
    await expect(page.getByText("Asked for a gift card.")).toBeVisible();
    await inspect(page, "reports");
});

test("a member's profile is shown, and the member is blocked", async ({ server, open }) => {
    const [amara, ben] = await Promise.all([Member.join(server, "Amara"), Member.join(server, "Ben")]);
    await ben.call("PATCH", `/collections/users/records/${ben.id}`, { bio: "I repair bicycles on Sundays." });
    const page = await open(amara, `/members/${ben.id}`);
    await expect(page.getByText("I repair bicycles on Sundays.")).toBeVisible();
    await inspect(page, "member");
    await page.getByRole("button", { name: "Block", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Block", exact: true }).click();
    await expect(page.getByText("You blocked this member.")).toBeVisible();
});

test("the quick exit opens another page, and going back does not show the client", async ({ server, open }) => {
    const { amara, conversation } = await talk(server);
    const page = await open(amara, "/requests", phone);
    await standIn(page);
    await page.goto(`${server.url}/settings`);
    await page.getByRole("button", { name: "Quick exit" }).click();
    await expect(page).toHaveURL("https://www.wikipedia.org/");
    await page.goBack();
    await expect(page).toHaveURL("https://www.wikipedia.org/");
    await page.goto(`${server.url}/messages/${conversation}`);
    await expect(page.getByText("I can go on Thursday").filter({ visible: true }).first()).toBeVisible(); // opening the address again shows it
});

test("Escape twice is a quick exit, also in a dialog or a text field", async ({ server, open }) => {
    const [amara, ben] = await Promise.all([Member.join(server, "Amara"), Member.join(server, "Ben")]);
    const help = await ben.asks("A lamp");
    const page = await open(amara, `/requests/${help}`);
    await standIn(page);
    await page.getByRole("button", { name: "Offer help" }).click();
    await page.getByLabel("Your first message").focus();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await expect(page).toHaveURL("https://www.wikipedia.org/");
});

test("a restricted member sees the decision, asks for a review, and reads the answer", async ({ server, open }) => {
    const [ben, mo, max] = [await Member.join(server, "Ben"), await moderator(server), await moderator(server)];
    await mo.call("POST", `/moderation/users/${ben.id}/restrict`, {
        level: "suspended",
        days: 7,
        reason: "Asked for money in advance.",
    });
    const page = await open(ben, "/requests");
    await inspect(page, "standing-banner");
    await page.getByRole("link", { name: "See why and what you can do" }).click();
    await expect(page).toHaveURL(/\/standing$/);
    await expect(page.getByText("Your account is paused").first()).toBeVisible();
    await expect(page.getByText("Asked for money in advance.").first()).toBeVisible();
    await expect(page.getByText(/^Until/).first()).toBeVisible();
    await page.getByRole("button", { name: "Ask for a review" }).click();
    await page.getByLabel("Why is this wrong?").fill("It was for the groceries, not for me.");
    await inspect(page, "standing");
    await page.getByRole("button", { name: "Send" }).click();
    await expect(page.getByRole("heading", { name: "Your review" })).toBeVisible();
    const { appeals } = await max.call("GET", "/moderation/appeals");
    const appeal = appeals.find((a: { appeal: { user: string } }) => a.appeal.user === ben.id).appeal.id;
    await max.call("POST", `/appeals/${appeal}/dialogue`, { text: "Did you have a receipt?" });
    await page.reload();
    await expect(page.getByText("Did you have a receipt?")).toBeVisible();
    await page.getByLabel("Your answer").fill("Yes, I still have it.");
    await page.getByRole("button", { name: "Send" }).click();
    await expect(page.getByText("Yes, I still have it.")).toBeVisible();
    await max.call("POST", `/moderation/appeals/${appeal}/decide`, { outcome: "overturned", note: "We believe you." });
    await page.reload();
    await expect(page.getByText("Reversed")).toBeVisible();
    await expect(page.getByText("We believe you.")).toBeVisible();
    await inspect(page, "standing-answered");
});

test("a message request is reported from its screen", async ({ server, open }) => {
    const [amara, ben] = await Promise.all([Member.join(server, "Amara"), Member.join(server, "Ben")]);
    await amara.call("PUT", "/messaging/preferences", { can_receive_from: "anyone" });
    const { conversation } = await ben.call("POST", "/conversations", {
        recipient_id: amara.id,
        initial_message: "You must answer me.",
    });
    const page = await open(amara, `/messages/${conversation.id}`, phone);
    await page.getByRole("button", { name: "Report" }).click();
    const dialog = page.getByRole("dialog", { name: "Report this message request" });
    await dialog.getByLabel("Harassment or bullying").check();
    await dialog.getByRole("button", { name: "Send report" }).click();
    await expect(dialog.getByText("Thank you for reporting")).toBeVisible();
    const { items } = await amara.call("GET", "/collections/message_reports/records");
    expect(items[0]).toMatchObject({ reason: "harassment", subject_type: "conversation" });
});

import { readFile } from "node:fs/promises";

import { expect, inspect, Member, moderator, type Page, password, phone, talk, test } from "./kit/test.ts";

test.describe.configure({ timeout: 180_000 }); // each test inspects many screens

test("every settings entry opens its screen", async ({ server, open }) => {
    const { amara } = await talk(server);
    const page = await open(amara, "/settings", phone);
    await inspect(page, "settings");
    for (const [link, heading, name] of [
        ["Who can message you?", "Who can message you?", "settings-privacy"],
        ["Appearance and language", "Appearance and language", "settings-look"],
        ["What moderators saw", "What moderators saw", "settings-audit"],
        ["Our guidelines", "Our guidelines", "guidelines"],
        ["Email and password", "Email and password", "settings-account"],
        ["Signed-in devices", "Signed-in devices", "settings-sessions"],
        ["Your data", "Your data", "settings-data"],
    ] as const) {
        await page.getByRole("link", { name: link }).click();
        await expect(page.getByRole("heading", { level: 1, name: heading })).toBeFocused();
        await expect(page.locator(".skeleton")).toHaveCount(0);
        await inspect(page, name);
        await page.goBack();
        await expect(page.getByRole("heading", { level: 1, name: "You" })).toBeVisible();
    }
});

test("a profile has a photo and a phone number, and warns before it publishes personal details", async ({
    server,
    open,
}) => {
    const amara = await Member.join(server, "Amara");
    const page = await open(amara, "/settings/profile", phone);
    await page.getByLabel("About you").fill("Call me at +44 7700 900123");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("alert")).toContainText("personal details");
    await page.getByLabel("About you").fill("I bake on Sundays.");
    await page.getByLabel("Phone number").fill("+1 312 555 0142");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Saved.")).toBeVisible();
    await page.locator("input[type=file]").setInputFiles("public/icons/icon-192.png");
    await expect(page.getByRole("button", { name: "Change photo" })).toBeVisible();
    await expect(page.locator("main .avatar img")).toHaveJSProperty("complete", true);
    await inspect(page, "profile");
    await page.reload();
    await expect(page.getByLabel("Phone number")).toHaveValue("+1 312 555 0142");
    await expect(page.locator("main .avatar img")).toBeVisible();
    await page.getByRole("button", { name: "Remove" }).click();
    await expect(page.locator("main .avatar img")).toHaveCount(0);
});

test("preferences and quiet hours are saved", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    await amara.writes(conversation, "At ten.");
    const page = await open(amara, "/settings/privacy");
    await page.getByLabel("No one new").check();
    await page.getByLabel("Read receipts").uncheck();
    await expect(page.getByText("Saved.").first()).toBeVisible();
    await page.goto(`${server.url}/settings/notifications`);
    await page.getByLabel("Use quiet hours").check();
    await page.getByLabel("From", { exact: true }).fill("21:30");
    await page.getByLabel("From", { exact: true }).blur();
    await page.getByLabel("Ben").check();
    await page.getByRole("checkbox", { name: "Messages: Email" }).uncheck();
    await inspect(page, "settings-notifications");
    await expect(async () => {
        const { preferences } = await amara.call("GET", "/messaging/preferences");
        expect(preferences).toMatchObject({
            can_receive_from: "nobody",
            read_receipts: false,
            quiet_hours_start: "21:30",
            quiet_hours_end: "07:00",
            let_through: [ben.id],
            notify: { message: { email: false } },
        });
    }).toPass();
    await page.reload();
    await expect(page.getByRole("checkbox", { name: "Messages: Email" })).not.toBeChecked();
    await expect(page.getByLabel("From", { exact: true })).toHaveValue("21:30");
});

test("every preference can be set", async ({ server, open }) => {
    const { amara } = await talk(server);
    const before = (await amara.call("GET", "/messaging/preferences")).preferences;
    const page = await open(amara, "/settings/privacy", phone);
    await page.getByLabel("Anyone").check();
    await page.getByLabel("Stop requests from people with this many confirmed reports").selectOption("1");
    for (const name of ["Let helpers chat straight away", "Read receipts", "Typing indicator"]) {
        await page.getByLabel(name).click();
    }
    await page.goto(`${server.url}/settings/notifications`);
    for (const name of ["Push notifications", "Emails", "Show names and messages", "Use quiet hours"]) {
        await page.getByLabel(name).click();
    }
    await page.getByLabel("To", { exact: true }).fill("06:15");
    await page.getByLabel("To", { exact: true }).blur();
    await page.getByLabel("Let urgent requests through").click();
    for (const type of ["Messages that were approved", "Reversed decisions"]) {
        await page.getByRole("checkbox", { name: `${type}: Email` }).uncheck();
    }
    await expect(async () => {
        expect((await amara.call("GET", "/messaging/preferences")).preferences).toMatchObject({
            can_receive_from: "anyone",
            auto_accept_help_requests: !before.auto_accept_help_requests,
            read_receipts: !before.read_receipts,
            typing_indicators: !before.typing_indicators,
            report_threshold: 1,
            push_notifications: !before.push_notifications,
            email_notifications: !before.email_notifications,
            show_text: !before.show_text,
            quiet_hours_start: "22:00",
            quiet_hours_end: "06:15",
            let_through_urgent: true,
            notify: { message_approved: { email: false }, penalty_lifted: { email: false } },
        });
    }).toPass({ timeout: 30_000 });
    await expect(page.getByRole("checkbox", { name: /^New cases/ })).toHaveCount(0);
});

test("a moderator chooses the channels for new cases", async ({ server, open }) => {
    const mo = await moderator(server);
    const page = await open(mo, "/settings/notifications");
    await page.getByRole("checkbox", { name: "New cases: Email" }).uncheck();
    await expect(async () => {
        const { preferences } = await mo.call("GET", "/messaging/preferences");
        expect(preferences.notify).toMatchObject({ moderation_case: { email: false } });
    }).toPass({ timeout: 30_000 });
});

/** A fake push service, because a browser without one would wait forever. */
async function pushService(page: Page) {
    await page.context().grantPermissions(["notifications", "background-sync"]);
    await page.addInitScript(() => {
        Notification.requestPermission = () => Promise.resolve("granted");
        let subscribed: PushSubscription | null = null;
        PushManager.prototype.getSubscription = () => Promise.resolve(subscribed);
        PushManager.prototype.subscribe = async (options) => {
            const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
            const text = (bytes: ArrayBuffer) =>
                btoa(String.fromCharCode(...new Uint8Array(bytes)))
                    .replace(/\+/g, "-")
                    .replace(/\//g, "_")
                    .replace(/=+$/, "");
            const endpoint = `https://fcm.googleapis.com/fcm/send/${crypto.randomUUID()}`;
            const keys = {
                p256dh: text(await crypto.subtle.exportKey("raw", pair.publicKey)),
                auth: text(crypto.getRandomValues(new Uint8Array(16)).buffer),
            };
            subscribed = {
                endpoint,
                expirationTime: null,
                options: options as unknown as PushSubscriptionOptions,
                toJSON: () => ({ endpoint, keys }),
                unsubscribe: async () => ((subscribed = null), true),
                getKey: () => null,
            };
            return subscribed;
        };
    });
}

test("a device is added, tested and removed", async ({ server, open }) => {
    const amara = await Member.join(server, "Amara");
    const page = await open(null, "/signin");
    await pushService(page);
    await page.getByLabel("Email address").fill(amara.email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(/\/messages$/);
    await page.goto(`${server.url}/settings/notifications`);
    await page.getByRole("button", { name: "Turn on for this device" }).click();
    // The worker is installed first, which downloads the whole client.
    await expect(page.getByText("Notifications are on for this device.")).toBeVisible({ timeout: 120_000 });
    await expect(page.getByText("Not notified yet")).toBeVisible();
    await page.getByRole("button", { name: "Send a test" }).click();
    await expect(page.getByText(/Will try again|Failed|No answer yet|Not sent/)).toBeVisible({ timeout: 40_000 });
    await inspect(page, "devices");
    await page.getByRole("button", { name: "Turn off for this device" }).click();
    await expect(page.getByText("Notifications are off on this device.")).toBeVisible();
    expect((await amara.call("GET", "/push/subscriptions")).subscriptions).toEqual([]);
});

test("another session is ended, and signing out everywhere ends this one", async ({ server, open }) => {
    const amara = await Member.join(server, "Amara");
    await amara.call("POST", "/collections/users/auth-with-password", { identity: amara.email, password });
    const page = await open(amara, "/settings/sessions");
    await expect(page.getByText("This device")).toBeVisible();
    await page.getByRole("button", { name: /^Sign out:/ }).click();
    await expect(page.getByRole("button", { name: /^Sign out:/ })).toHaveCount(0);
    await page.getByRole("button", { name: "Sign out everywhere" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Sign out everywhere" }).click();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("a member downloads their data, asks to delete the account, and cancels", async ({ server, open }) => {
    const { amara } = await talk(server);
    const page = await open(amara, "/settings/data");
    await page.getByRole("button", { name: "Prepare download" }).click();
    await expect(page.getByText("Your file is ready")).toBeVisible({ timeout: 30_000 });
    const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Download" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("my-data.zip");
    const zip = await readFile(await download.path());
    expect(zip.subarray(0, 2).toString()).toBe("PK");
    expect(zip.toString("latin1"), "the list of files at its end").toContain("conversations/");
    await page.getByRole("button", { name: "Delete my account" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete your account?" });
    await dialog.getByLabel("Your password", { exact: true }).fill("something else");
    await dialog.getByRole("button", { name: "Delete my account" }).click();
    await expect(dialog.getByText("Wrong password.")).toBeVisible();
    await inspect(page, "erase");
    await dialog.getByLabel("Your password", { exact: true }).fill(password);
    await dialog.getByRole("button", { name: "Delete my account" }).click();
    await expect(page.getByText("Your account will be deleted")).toBeVisible();
    await page.reload();
    await expect(page.getByText("Your account will be deleted")).toBeVisible();
    await page.getByRole("button", { name: "Keep my account" }).click();
    await expect(page.getByRole("button", { name: "Delete my account" })).toBeVisible();
    expect((await amara.call("GET", "/me/erase"))?.erase_at ?? null).toBeNull();
});

test("theme, text size and language are saved", async ({ server, open }) => {
    const amara = await Member.join(server, "Amara");
    const page = await open(amara, "/settings/look");
    await page.getByLabel("Dark", { exact: true }).check();
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await page.getByLabel("Text size").selectOption("200");
    await inspect(page, "look-200");
    await page.getByLabel("Language").selectOption("es");
    await expect(page.getByRole("heading", { name: "Aspecto e idioma" })).toBeVisible();
    await page.reload();
    await expect(page.getByRole("heading", { name: "Aspecto e idioma" })).toBeVisible();
    await expect(page.locator("html")).toHaveCSS("font-size", "32px");
});

import { desk, expect, inspect, Member, moderator, phone, talk, test } from "./kit/test.ts";
import type { Server } from "./kit/server.ts";

test.describe.configure({ timeout: 180_000 }); // many screens are looked at in each

/** Somebody reports the other's message; the id of the report. */
async function reported(server: Server, who: string, text: string): Promise<{ ben: Member; report: string }> {
    const { amara, ben, conversation } = await talk(server, "Amara", who);
    await amara.writes(conversation, "Thank you. Thursday at ten?");
    const { id } = await ben.writes(conversation, text);
    const { report } = await amara.call("POST", `/messages/${id}/report`, {
        reason: "harassment",
        description: "It is not the first time.",
    });
    return { ben, report: report.id };
}

test("a report is taken, read with what came before, decided with a preview, and gone", async ({ server, open }) => {
    const mo = await moderator(server);
    const name = `Ben ${Math.random().toString(36).slice(2, 7)}`;
    const { ben } = await reported(server, name, "You are slow. Nobody wants you here.");
    const page = await open(mo, "/moderation/queue", desk);
    await page.getByRole("button", { name: new RegExp(name) }).click();
    await expect(page.getByText("You are slow. Nobody wants you here.")).toBeVisible();
    await expect(page.getByText("Thank you. Thursday at ten?")).toBeVisible();
    await expect(page.getByText("It is not the first time.")).toBeVisible();
    await inspect(page, "moderation-case");
    await page.getByRole("button", { name: "Take this case" }).click();
    await expect(page.getByText("Taken by you").first()).toBeVisible();
    await page.getByLabel("A question to the member").fill("Did it happen before?");
    await page.getByRole("button", { name: "Send" }).click();
    await expect(page.getByText("Did it happen before?")).toBeVisible();
    await page.getByLabel("Suspend", { exact: true }).check();
    await expect(page.getByText(`${name} can read, but write nothing that others see.`)).toBeVisible();
    await expect(page.getByText("Whoever reported is told the outcome.")).toBeVisible();
    await page.getByLabel("Reason", { exact: true }).fill("We do not speak to each other like this.");
    await inspect(page, "moderation-decision");
    await page.getByRole("button", { name: "Carry it out" }).click();
    await expect(page.getByRole("button", { name: new RegExp(name) })).toHaveCount(0);
    expect((await ben.call("GET", "/messaging/standing")).level).toBe("suspended");

    await page.getByRole("link", { name: "Decided" }).click();
    await page.getByRole("button", { name: new RegExp(name) }).click();
    await expect(page.getByText("We do not speak to each other like this.").first()).toBeVisible();
    await page.getByRole("link", { name: "All about this member" }).click();
    await expect(page.getByRole("heading", { name })).toBeVisible();
    await inspect(page, "moderation-member");
    await page.getByLabel("Why").fill("We talked.");
    await page.getByRole("button", { name: "Lift it" }).click();
    await expect(page.getByRole("button", { name: "Lift it" })).toBeHidden();
    expect((await ben.call("GET", "/messaging/standing")).level).toBe("none");
});

test("a case is decided by keyboard alone", async ({ server, open }) => {
    const mo = await moderator(server);
    const name = `Ben ${Math.random().toString(36).slice(2, 7)}`;
    const { ben } = await reported(server, name, "You could hurry a little.");
    const page = await open(mo, "/moderation/queue", desk);
    const entry = page.getByRole("button", { name: new RegExp(name) });
    await expect(entry).toBeVisible();
    const cases = await page.locator("[data-case]").count();
    for (let i = 0; i < cases; i++) {
        await page.keyboard.press("j");
        if ((await entry.getAttribute("aria-current")) === "true") break;
    }
    await expect(entry).toBeFocused();
    await page.keyboard.press("c");
    await expect(page.getByText("Taken by you").first()).toBeVisible();
    await page.keyboard.press("d");
    await expect(page.getByRole("radio").first()).toBeFocused();
    await page.keyboard.press("ArrowDown"); // dismiss, warn
    await expect(page.getByLabel("Warn", { exact: true })).toBeChecked();
    await page.keyboard.press("Tab");
    await page.keyboard.type("Please be kind.");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect(entry).toHaveCount(0);
    const { decisions } = await ben.call("GET", "/messaging/standing");
    expect(decisions[0]).toMatchObject({ level: "warning", reason: "Please be kind." });
});

test("the overview counts, draws, and says the same in a table", async ({ server, open }) => {
    const mo = await moderator(server);
    await reported(server, "Ben", "You could hurry a little.");
    const page = await open(mo, "/moderation", phone);
    await expect(page.getByRole("heading", { name: "Active conversations" })).toBeVisible();
    await expect(page.locator("canvas").first()).toBeVisible();
    await inspect(page, "moderation-overview");
    await page.getByText("The same as a table").first().click();
    await expect(page.getByRole("table", { name: "Messages and conversations" }).getByRole("row")).toHaveCount(8);
    await page.getByRole("link", { name: "30 days" }).click();
    await expect(page.getByRole("table", { name: "Messages and conversations" }).getByRole("row")).toHaveCount(31);
});

test("screening is tried on a text that nobody sends", async ({ server, open }) => {
    const mo = await moderator(server);
    const page = await open(mo, "/moderation/screening", desk);
    await expect(page.getByText("Asked about")).toBeVisible();
    await page.getByLabel("Text", { exact: true }).fill("Call me at +44 7700 900123 tonight");
    await page.getByRole("button", { name: "Try it" }).click();
    await expect(page.getByText("Asked about before it is sent")).toBeVisible();
    await expect(page.locator("mark")).toHaveText("+44 7700 900123");
    await inspect(page, "moderation-screening");
});

test("an appeal is read and answered by another moderator", async ({ server, open }) => {
    const [ben, mo, max] = [await Member.join(server, "Ben"), await moderator(server), await moderator(server)];
    await mo.call("POST", `/moderation/users/${ben.id}/restrict`, { level: "limited", reason: "Too many requests." });
    const text = `I only asked for milk ${Math.random().toString(36).slice(2, 7)}`;
    await ben.call("POST", "/moderation/appeals", { text });
    const page = await open(max, "/moderation/appeals", phone);
    const card = page.locator(".card").filter({ hasText: text });
    await expect(card).toBeVisible();
    await inspect(page, "moderation-appeals");
    await card.getByLabel("Your answer").fill("You are right.");
    await card.getByRole("button", { name: "Take the decision back" }).click();
    await expect(card).toHaveCount(0);
    expect((await ben.call("GET", "/messaging/standing")).level).toBe("none");
});

test("the moderators' area is for moderators", async ({ server, open }) => {
    const amara = await Member.join(server, "Amara");
    const page = await open(amara, "/moderation");
    await expect(page).toHaveURL(/\/messages$/);
    await expect(page.getByRole("link", { name: "Moderation" })).toHaveCount(0);
});

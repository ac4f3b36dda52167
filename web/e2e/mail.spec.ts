// Registration by invitation, with the links of real emails.
import { MailServer, read } from "./kit/mail.ts";
import { Server } from "./kit/server.ts";
import { expect, inspect, Member, operate, type Page, password, test as base } from "./kit/test.ts";

/** A separate server that sends emails and only accepts members by invitation. */
const test = base.extend<{ post: MailServer; invited: Server }>({
    // eslint-disable-next-line no-empty-pattern -- required by Playwright
    post: async ({}, use) => {
        const post = await MailServer.start();
        await use(post);
        await post.stop();
    },
    invited: async ({ post }, use) => {
        const server = await Server.start();
        const smtp = { enabled: true, host: "127.0.0.1", port: post.port, tls: false };
        const meta = {
            appName: "Riverside",
            appURL: server.url,
            senderName: "Riverside",
            senderAddress: "us@example.org",
        };
        await operate(server, { smtp, meta }, { registration: "invite" });
        await use(server);
        await server.stop();
    },
});

test("a member registers by invitation, resets the password, and changes the address, with links from emails", async ({
    open,
    invited,
    post,
}) => {
    const code = (await invited.command("invite")).trim();
    const [first, second] = ["amara@example.org", "amara.okafor@example.org"];
    const page = await open(null, `${invited.url}/register`);

    await register(page, "not-a-code", first);
    await expect(page.getByText("This code doesn't work or was already used.")).toBeVisible();
    await inspect(page, "register-invited");
    await page.getByLabel("Invitation code").fill(code);
    await page.getByRole("button", { name: "Create an account" }).click();
    await expect(page.getByRole("heading", { name: "Check your email" })).toBeFocused();
    await inspect(page, "confirm");

    // Before the address is confirmed, the answer is the same as for a wrong password. The page mentions both causes.
    await page.getByRole("link", { name: "Back to sign in" }).click();
    await signIn(page, first, password);
    await expect(page.getByRole("alert")).toContainText("Open the link in our email first");
    await inspect(page, "signin-unconfirmed");
    await post.link(first, "/auth/confirm-verification/"); // this email is not used
    await page.getByRole("link", { name: "Send again" }).click();
    await page.getByLabel("Email address").fill(first);
    await page.getByRole("button", { name: "Send link" }).click();
    await expect(page.getByText("we've sent a link")).toBeVisible();
    await inspect(page, "resend");

    await page.goto(await post.link(first, "/auth/confirm-verification/"));
    await expect(page.getByText("Thanks! Your email address is confirmed.")).toBeVisible();
    await page.getByRole("link", { name: "Go to home" }).click();
    await signIn(page, first, password);
    await firstRun(page);

    // A new password through the link, which ends every session.
    await page.goto(`${invited.url}/settings`);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await page.getByLabel("Email address").fill(first);
    await page.getByRole("button", { name: "Send link" }).click();
    await expect(page.getByText("we've sent a link")).toBeVisible();
    const reset = await post.link(first, "/auth/confirm-password-reset/");
    await page.goto(reset);
    const better = "three owls by a river";
    await page.getByLabel("New password", { exact: true }).fill(better);
    await inspect(page, "reset");
    await page.getByRole("button", { name: "Save the new password" }).click();
    await expect(page.getByText("Password changed.")).toBeVisible();
    await inspect(page, "signin-done");
    await page.goto(reset);
    await page.getByLabel("New password", { exact: true }).fill("another three owls");
    await page.getByRole("button", { name: "Save the new password" }).click();
    await expect(page.getByText("This link has expired.")).toBeVisible();
    await expect(page.getByRole("link", { name: "Send link" })).toBeVisible();
    await page.goto(`${invited.url}/signin`);
    await signIn(page, first, better);
    await expect(page).toHaveURL(/\/messages$/);

    // A new address takes effect with the link that is sent there, and with the password.
    await page.goto(`${invited.url}/settings/account`);
    await page.getByLabel("New email address").fill(second);
    await page.getByRole("button", { name: "Change email address" }).click();
    await expect(page.getByText(second)).toBeVisible();
    await page.goto(await post.link(second, "/auth/confirm-email-change/"));
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Confirm your new email address" }).click();
    await expect(page.getByText("Wrong password.")).toBeVisible();
    await page.getByLabel("Password", { exact: true }).fill(better);
    await inspect(page, "confirm-address");
    await page.getByRole("button", { name: "Confirm your new email address" }).click();
    await expect(page.getByText("Your email address has changed.")).toBeVisible();
    await signIn(page, second, better);
    await expect(page).toHaveURL(/\/messages$/);
});

base("without a mail server, emails are files with working links", async ({ open, server }) => {
    const amara = await Member.join(server, "Amara");
    const page = await open(null, "/forgot");
    await page.getByLabel("Email address").fill(amara.email);
    await page.getByRole("button", { name: "Send link" }).click();
    await expect(page.getByText("we've sent a link")).toBeVisible();
    let token = "";
    await expect(async () => {
        const mails = await server.mails();
        const own = mails.find((mail) => mail.includes(`To: ${amara.email}`));
        token = /confirm-password-reset\/([\w.-]+)/.exec(read(own ?? ""))?.[1] ?? "";
        expect(token).not.toBe("");
    }).toPass({ timeout: 30_000 });
    await page.goto(`${server.url}/auth/confirm-password-reset/${token}`);
    await page.getByLabel("New password", { exact: true }).fill("three owls by a river");
    await page.getByRole("button", { name: "Save the new password" }).click();
    await expect(page.getByText("Password changed.")).toBeVisible();
    await signIn(page, amara.email, "three owls by a river");
    await expect(page).toHaveURL(/\/messages$/);
});

test("an expired link offers a new one", async ({ open, invited }) => {
    const page = await open(null, `${invited.url}/auth/confirm-verification/not.a.token`);
    await expect(page.getByText("This link has expired.")).toBeVisible();
    await page.getByRole("link", { name: "Send again" }).click();
    await expect(page.getByRole("heading", { name: "Confirm your email address" })).toBeVisible();
});

test("an invitation link fills in the code", async ({ open, invited }) => {
    const code = (await invited.command("invite")).trim();
    const page = await open(null, `${invited.url}/register?invitation=${encodeURIComponent(code)}`);
    await expect(page.getByLabel("Invitation code")).toHaveValue(code);
});

async function register(page: Page, invitation: string, email: string): Promise<void> {
    await page.getByLabel("Invitation code").fill(invitation);
    await page.getByLabel("Name").fill("Amara");
    await page.getByLabel("Email address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Create an account" }).click();
}

async function signIn(page: Page, email: string, secret: string): Promise<void> {
    await page.getByLabel("Email address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(secret);
    await page.getByRole("button", { name: "Sign in" }).click();
}

async function firstRun(page: Page): Promise<void> {
    for (let step = 0; step < 2; step++) await page.getByRole("button", { name: "Next" }).click();
    await page.getByRole("button", { name: "I agree" }).click();
    await expect(page).toHaveURL(/\/messages$/);
}

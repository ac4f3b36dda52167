import { expect, inspect, Member, password, test } from "./kit/test.ts";

test("a new member registers and completes the first run", async ({ open }) => {
    const page = await open(null, "/register");
    await expect(page.getByRole("heading", { name: "Create an account" })).toBeVisible();
    await inspect(page, "register");
    await page.getByLabel("Name").fill("Amara Okafor");
    await page.getByLabel("Email address").fill(`amara.${Date.now()}@example.org`);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Create an account" }).click();

    await expect(page.getByRole("heading", { name: "How messaging works here" })).toBeVisible();
    await inspect(page, "welcome-1");
    await page.getByRole("button", { name: "Next" }).click();
    await expect(page.getByRole("heading", { name: "Who can message you?" })).toBeFocused();
    await inspect(page, "welcome-2");
    await page.getByLabel("Anyone").check();
    await page.getByRole("button", { name: "Next" }).click();
    await inspect(page, "welcome-3");
    await page.getByRole("button", { name: "I agree" }).click();
    await expect(page).toHaveURL(/\/messages$/);
});

test("a member signs in with the keyboard only, and reaches the page they wanted", async ({ server, open }) => {
    const amara = await Member.join(server, "Amara");
    const page = await open(null, "/messages/requests");
    await expect(page).toHaveURL(/\/signin\?to=/);
    await inspect(page, "signin");
    await page.getByLabel("Email address").focus();
    await page.keyboard.type(amara.email);
    await page.keyboard.press("Tab");
    await page.keyboard.type("something else");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("alert")).toContainText("Wrong email or password");
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/messages\/requests$/);
});

test("the sign-in screen is in Spanish for a Spanish browser", async ({ open }) => {
    const page = await open(null, "/signin", { locale: "es-MX" });
    await expect(page.getByRole("heading", { name: "Entrar" })).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", "es");
});

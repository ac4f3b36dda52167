import { expect, inspect, Member, phone, talk, test } from "./kit/test.ts";

test.describe.configure({ timeout: 180_000 }); // each test inspects many screens

test("a member asks for help, and another offers it in a conversation", async ({ server, open }) => {
    const [amara, ben] = await Promise.all([Member.join(server, "Amara"), Member.join(server, "Ben")]);
    const asking = await open(amara, "/requests");
    await asking.getByRole("link", { name: "Ask or offer" }).click();
    await expect(asking.getByRole("heading", { name: "Ask for help or offer it" })).toBeFocused();
    await inspect(asking, "help-new");
    const title = `Groceries while my foot heals ${Date.now()}`;
    await asking.getByLabel("What do you need?").fill(title);
    await asking.getByLabel("Description").fill("Two bags, fourth floor, no lift.\nThursday would be best.");
    await asking.getByLabel("Urgent").check();
    await asking.getByLabel("Category").fill("errands");
    await asking.getByRole("button", { name: "Post" }).click();
    await expect(asking.getByRole("heading", { name: title })).toBeVisible();
    await inspect(asking, "help-own");

    const helping = await open(ben, "/requests", phone);
    const card = helping.getByRole("article").filter({ hasText: title });
    await expect(card.getByText("Urgent")).toBeVisible();
    await expect(card.getByText("Open")).toBeVisible();
    await inspect(helping, "help-list");
    await card.getByRole("button", { name: `Offer help: ${title}` }).click();
    await expect(helping.getByText("You can start chatting")).toBeVisible();
    await inspect(helping, "help-offer");
    await helping.getByLabel("Your first message").fill("I can go on Thursday.");
    await helping.getByRole("button", { name: "Send", exact: true }).click();
    await expect(helping).toHaveURL(/\/messages\/[a-z0-9]{15}$/);
    await expect(helping.getByText("I can go on Thursday.").filter({ visible: true }).first()).toBeVisible();

    await asking.getByLabel("Status").selectOption("in_progress");
    await expect(asking.getByText("In progress").first()).toBeVisible();
    await asking.getByRole("button", { name: "Mark as done" }).click();
    await expect(
        helping
            .getByText(/done|Done|fulfilled/)
            .filter({ visible: true })
            .first(),
    ).toBeVisible();
});

test("an offer becomes a request if the member prefers that, and a refusal shows alternatives", async ({
    server,
    open,
}) => {
    const [amara, ben] = await Promise.all([Member.join(server, "Amara"), Member.join(server, "Ben")]);
    await amara.call("PUT", "/messaging/preferences", { auto_accept_help_requests: false });
    const shy = `A ride to the clinic ${Date.now()}`;
    const id = await amara.asks(shy);
    const page = await open(ben, `/requests/${id}`);
    await page.getByRole("button", { name: "Offer help" }).click();
    await expect(page.getByText("We'll ask Amara first")).toBeVisible();
    await inspect(page, "help-offer-request");
    await page.getByRole("button", { name: "Send the request" }).click();
    await expect(page).toHaveURL(/\/messages\/[a-z0-9]{15}$/);

    await amara.call("PUT", "/messaging/preferences", { can_receive_from: "nobody" });
    const other = await amara.asks(`Something else ${Date.now()}`);
    await page.goto(`${server.url}/requests/${other}`);
    await page.getByRole("button", { name: "Offer help" }).click();
    await expect(page.getByText("You can't message them about this")).toBeVisible();
    await expect(page.getByRole("link", { name: "post an offer" })).toBeVisible();
    await inspect(page, "help-offer-refused");
});

test("a phone number is requested, shared with one person, and withdrawn", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    await amara.call("PATCH", `/collections/users/records/${amara.id}`, { phone: "+1 312 555 0142" });
    await amara.writes(conversation, "At ten. Thank you!");
    const asks = await open(ben, `/messages/${conversation}/contact`);
    await asks.getByRole("button", { name: "Ask for Amara's phone number" }).click();
    await expect(asks.getByText("You asked. Amara hasn't answered yet.")).toBeVisible();
    const owner = await open(amara, `/messages/${conversation}/contact`, phone);
    await expect(owner.getByText("Ben would like your phone number")).toBeVisible();
    await inspect(owner, "contact");
    await owner.getByRole("button", { name: "Share" }).click();
    await expect(owner.getByRole("button", { name: "Stop sharing" })).toBeVisible();
    await asks.reload();
    await expect(asks.getByRole("link", { name: "+1 312 555 0142" })).toBeVisible();
    await owner.getByRole("button", { name: "Stop sharing" }).click();
    await expect(owner.getByRole("button", { name: "Stop sharing" })).toBeHidden();
    await asks.reload();
    await expect(asks.getByRole("button", { name: "Ask for Amara's phone number" })).toBeVisible();
    await expect(asks.getByText("+1 312 555 0142")).toBeHidden();
});

test("help can be offered with the keyboard only", async ({ server, open }) => {
    const [amara, ben] = await Promise.all([Member.join(server, "Amara"), Member.join(server, "Ben")]);
    const title = `Somebody to read to me ${Date.now()}`;
    await amara.asks(title);
    const page = await open(ben, "/requests");
    await page.getByRole("button", { name: `Offer help: ${title}` }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog", { name: "Offer help" })).toBeVisible();
    await expect(page.getByText("You can start chatting")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();
    await expect(page.getByRole("button", { name: `Offer help: ${title}` })).toBeFocused();
});

// Checks of all screens.
import { everyday, fits, goTo } from "./kit/screens.ts";
import { desk, expect, inspect, Member, password, phone, test } from "./kit/test.ts";

test("every screen fits a phone with text of twice the size", async ({ server, open }) => {
    const { amara, screens } = await everyday(server);
    const page = await open(amara, "/messages", phone);
    await page.evaluate(() => localStorage.setItem("cc.look", JSON.stringify({ text: 200 })));
    await page.reload();
    await expect(page.locator("html")).toHaveCSS("font-size", "32px");
    for (const [name, address] of screens) {
        await goTo(page, address);
        await fits(page, `large-${name}`);
    }
});

test("every screen fits from right to left, on a phone and a desktop", async ({ server, open }) => {
    const { amara, screens } = await everyday(server);
    const page = await open(amara, "/messages", phone);
    await page.evaluate(() => (document.documentElement.dir = "rtl"));
    for (const [size, { viewport }] of Object.entries({ phone, desk })) {
        await page.setViewportSize(viewport);
        for (const [name, address] of screens) {
            await goTo(page, address);
            await fits(page, `rtl-${size}-${name}`);
        }
    }
    // Own messages are at the end of the line, which is the left here.
    await goTo(page, screens.find(([name]) => name === "thread")![1]);
    const sides = await page
        .locator("article .bubble")
        .evaluateAll((all) => all.map((b) => b.getBoundingClientRect().left < b.parentElement!.clientWidth / 3));
    expect(sides).toContain(true);
    await page.getByRole("article").last().focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("menu")).toBeInViewport({ ratio: 1 });
});

test("screens outside the other journeys", async ({ server, open }) => {
    const amara = await Member.join(server, "Amara");
    const help = await amara.asks("Groceries while my foot heals", { description: "Two bags, no lift." });
    const guest = await open(null, "/forgot");
    await inspect(guest, "forgot");
    await guest.getByLabel("Email address").fill("nobody@example.org");
    await guest.getByRole("button", { name: "Send link" }).click();
    await expect(guest.getByText("we've sent a link")).toBeVisible();
    for (const [name, address, heading] of [
        ["verify", "/auth/confirm-verification/worn-out", "Confirm your email address"],
        ["reset", "/auth/confirm-password-reset/worn-out", "Choose a new password"],
        ["change-email", "/auth/confirm-email-change/worn-out", "Confirm your new email address"],
    ] as const) {
        await guest.goto(`${server.url}${address}`);
        await expect(guest.getByRole("heading", { name: heading })).toBeVisible();
        await inspect(guest, name);
    }

    const page = await open(amara, `/requests/${help}/edit`);
    await expect(page.getByLabel("Description")).toHaveValue("Two bags, no lift.");
    await inspect(page, "help-edit");
    await page.goto(`${server.url}/nowhere`);
    await expect(page.getByText("Page not found").first()).toBeVisible();
    await inspect(page, "not-found");
});

test("everything is in Spanish for a Spanish reader, and nothing is cut off", async ({ server, open }) => {
    const { amara, ben, screens } = await everyday(server, "es");
    const page = await open(null, "/signin", { ...phone, locale: "es-MX" });
    await page.getByLabel("Correo electrónico").fill(amara.email);
    await page.getByLabel("Contraseña", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Entrar" }).click();
    await expect(page.getByRole("heading", { name: "Mensajes" })).toBeVisible();

    await page.getByRole("link", { name: "Solicitudes" }).click();
    await page.getByRole("link", { name: /Dana/ }).click();
    await page.getByRole("button", { name: "Aceptar" }).click();
    await page.getByLabel("Mensaje para Dana").fill("Claro. ¿Qué necesitas?");
    await page.getByRole("button", { name: "Enviar", exact: true }).click();
    await expect(page.getByRole("img", { name: /Enviado|Entregado|Leído/ })).toHaveCount(1);
    await page.getByRole("article").last().focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Editar" }).click();
    await page.getByLabel("Mensaje para Dana").fill("Claro. ¿Cuándo?");
    await page.getByRole("button", { name: "Guardar" }).click();
    await expect(page.getByRole("article").last()).toContainText("editado");

    await goTo(page, screens.find(([name]) => name === "help-view")![1]);
    await page.getByRole("button", { name: "Ofrecer ayuda" }).click();
    await page.getByLabel("Tu primer mensaje").fill("Puedo pasar mañana.");
    await page.getByRole("button", { name: "Enviar", exact: true }).click();
    await expect(page.getByText("Puedo pasar mañana.").filter({ visible: true }).first()).toBeVisible();
    const { conversations } = await ben.call("GET", "/conversations");
    expect(conversations[0].last_message.content).toBe("Puedo pasar mañana.");

    for (const [name, address] of screens) {
        await goTo(page, address);
        await fits(page, `es-${name}`);
        const words = await page.locator("body").innerText();
        expect
            .soft(words, `${name}: a key in place of words`)
            .not.toMatch(/\b(core|messages|help|settings|safety)\.[a-z]/);
        expect
            .soft(words, `${name}: English`)
            .not.toMatch(/\b(Settings|Search|Save|Messages|Requests|Your|messages)\b/);
    }
});

test("everything is distinguishable with forced colours, more contrast and less motion", async ({ server, open }) => {
    const { amara, screens } = await everyday(server);
    const page = await open(amara, "/messages", phone);
    for (const [name, look] of Object.entries({
        forced: { forcedColors: "active", contrast: null, reducedMotion: null },
        contrast: { forcedColors: null, contrast: "more", reducedMotion: "reduce" },
    } as const)) {
        await page.emulateMedia(look);
        for (const [screen, address] of screens.filter(([s]) =>
            ["list", "thread", "help-view", "privacy"].includes(s),
        )) {
            await goTo(page, address);
            await fits(page, `${name}-${screen}`);
        }
    }
    const times = await page.evaluate(() =>
        ["--fast", "--calm"].map((token) => getComputedStyle(document.documentElement).getPropertyValue(token)),
    );
    expect(times, "nothing moves").toEqual(["0s", "0s"]);
    const quiet = await page.evaluate(() => {
        const style = getComputedStyle(document.documentElement);
        return style.getPropertyValue("--quiet") === style.getPropertyValue("--ink");
    });
    expect(quiet, "quiet text is as dark as the rest").toBe(true);
    await page.emulateMedia({ forcedColors: "active", contrast: null });
    await goTo(page, screens.find(([name]) => name === "thread")![1]);
    await expect(page.locator(".bubble").first()).toHaveCSS("border-top-width", "1px");
});

test("messages, help requests and activity have no layout shifts", async ({ server, open }) => {
    const { amara, screens } = await everyday(server);
    const page = await open(amara, "/signin", phone);
    await page.addInitScript(() => {
        const shifts: string[] = [];
        Object.assign(window, { shifts });
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries() as (PerformanceEntry & {
                value: number;
                sources: { node?: Element }[];
            })[]) {
                const what = entry.sources.map(({ node }) => node?.className ?? node?.nodeName ?? "").join(", ");
                if (entry.value > 0.005) shifts.push(`${entry.value.toFixed(3)} by ${what}`);
            }
        }).observe({ type: "layout-shift", buffered: true });
    });
    const looked = [
        "list",
        "requests",
        "thread",
        "new-group",
        "contact",
        "help-list",
        "help-view",
        "help-own",
        "notifications",
        "member",
    ];
    for (const [name, address] of screens.filter(([name]) => looked.includes(name))) {
        await page.goto(`${server.url}${address}`);
        await expect(page.locator("h1").filter({ visible: true }).first()).toBeVisible();
        await expect(page.locator(".skeleton")).toHaveCount(0);
        await page.waitForLoadState("networkidle");
        expect.soft(await page.evaluate(() => (window as unknown as { shifts: string[] }).shifts), name).toEqual([]);
    }
});

// The main screens, for tests of all of them in another language, direction or text size.
import { expect, type Page } from "@playwright/test";

import { Member, talk } from "./people.ts";
import type { Server } from "./server.ts";

/** Creates a member with content on every screen, and returns the paths of the screens by name. */
export async function everyday(
    server: Server,
    language = "en",
): Promise<{ amara: Member; ben: Member; screens: [string, string][] }> {
    const { amara, ben, help, conversation } = await talk(server);
    await amara.call("PATCH", `/collections/users/records/${amara.id}`, { language });
    const dana = await Member.join(server, "Dana Whitfield-Montgomery");
    await amara.call("PUT", "/messaging/preferences", { can_receive_from: "anyone" });
    await dana.call("POST", "/conversations", { recipient_id: amara.id, initial_message: "May I ask you something?" });
    await amara.writes(
        conversation,
        "Thursday is good. Ten o'clock? The door code is on the note, and the bell does not work.",
    );
    await ben.writes(conversation, "Ten it is.");
    const other = await ben.asks("Somebody who repairs an electric wheelchair", { urgency: "critical" });
    return {
        amara,
        ben,
        screens: [
            ["list", "/messages"],
            ["requests", "/messages/requests"],
            ["thread", `/messages/${conversation}`],
            ["search", "/messages/search?q=thursday"],
            ["new-group", "/messages/new"],
            ["contact", `/messages/${conversation}/contact`],
            ["help-list", "/requests"],
            ["help-new", "/requests/new"],
            ["help-view", `/requests/${other}`],
            ["help-own", `/requests/${help}`],
            ["member", `/members/${ben.id}`],
            ["notifications", "/notifications"],
            ["settings", "/settings"],
            ["profile", "/settings/profile"],
            ["privacy", "/settings/privacy"],
            ["settings-notifications", "/settings/notifications"],
            ["look", "/settings/look"],
            ["account", "/settings/account"],
            ["data", "/settings/data"],
            ["guidelines", "/guidelines"],
            ["standing", "/standing"],
        ],
    };
}

/** Navigates to a screen as a link does, and waits until it is loaded. */
export async function goTo(page: Page, address: string): Promise<void> {
    await expect(page.locator("main > *").first()).toBeAttached();
    const another = await page.evaluate((to) => {
        /** Returns the route of a path, because several paths share a screen. */
        const screen = (path: string) =>
            path.replace(/\/[a-z0-9]{15}$/, "/:id").replace(/^\/messages\/(requests|archived|:id)$/, "/messages");
        const another = screen(location.pathname) !== screen(to.replace(/\?.*/, ""));
        document.querySelector("main")!.firstElementChild!.toggleAttribute("data-before", another);
        history.pushState({ inside: true }, "", to);
        dispatchEvent(new PopStateEvent("popstate"));
        return another;
    }, address);
    if (another) await expect(page.locator("main > [data-before]")).toHaveCount(0);
    await expect(page.locator("h1").filter({ visible: true }).first()).toBeVisible();
    await expect(page.locator(".skeleton")).toHaveCount(0);
    if (/^\/messages\/[a-z0-9]{15}$/.test(address)) await expect(page.locator(".bubble").first()).toBeVisible();
    await page.waitForLoadState("networkidle");
}

/** Checks that nothing is wider than the window, cut off, or out of reach. */
export async function fits(page: Page, name: string): Promise<void> {
    const wrong = await page.evaluate(() => {
        const found: string[] = [];
        const wide = document.scrollingElement!.scrollWidth - innerWidth;
        if (wide > 0) found.push(`${wide} px wider than the window`);
        const main = document.querySelector("main")!;
        if (main.scrollWidth > main.clientWidth) found.push("the screen scrolls sideways");
        const scrollsSideways = (element: Element | null): boolean =>
            element !== null &&
            element !== document.body &&
            (["auto", "scroll"].includes(getComputedStyle(element).overflowX) &&
            element.scrollWidth > element.clientWidth
                ? element !== main
                : scrollsSideways(element.parentElement));
        const name = (e: Element) => `${e.tagName} ${(e.getAttribute("aria-label") ?? e.textContent ?? "").trim()}`;
        for (const element of document.querySelectorAll<HTMLElement>("a, button, input, select, textarea, summary")) {
            if (!element.checkVisibility({ visibilityProperty: true }) || element.closest(".skip")) continue;
            const box = element.getBoundingClientRect();
            if (box.width === 0 || box.width === 1 || scrollsSideways(element)) continue;
            if (box.left < -0.5 || box.right > innerWidth + 0.5) found.push(`out of reach: ${name(element)}`);
        }
        for (const element of document.querySelectorAll<HTMLElement>("h1, h2, h3, p, label, a, button, dt, dd, li")) {
            if (!element.checkVisibility({ visibilityProperty: true }) || element.closest(".unseen, .skip")) continue;
            const { overflowX, overflowY, textOverflow } = getComputedStyle(element);
            const cuts = textOverflow !== "ellipsis" && (overflowX === "hidden" || overflowX === "clip");
            if (cuts && element.scrollWidth > element.clientWidth + 1) found.push(`cut off: ${name(element)}`);
            if (overflowY === "hidden" && element.scrollHeight > element.clientHeight + 2)
                found.push(`cut off below: ${name(element)}`);
            if (element.scrollWidth > element.clientWidth + 1 && overflowX === "visible" && element.clientWidth > 0)
                found.push(`flows over: ${name(element)}`);
        }
        return found;
    });
    await page.screenshot({ path: `e2e/screens/${name}.png` });
    expect.soft(wrong, name).toEqual([]);
}

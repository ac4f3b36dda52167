// The test fixture of all journeys: a server for each worker, signed-in pages, axe, screenshots.
import AxeBuilder from "@axe-core/playwright";
import { test as base, type Browser, type BrowserContextOptions, expect, type Page } from "@playwright/test";

import { Member } from "./people.ts";
import { Server } from "./server.ts";

export { expect, type Page } from "@playwright/test";
export { Member, moderator, operate, password, talk } from "./people.ts";

export const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;
export const desk = { viewport: { width: 1280, height: 800 } } as const;

interface Kit {
    /** Opens a separate browser context with this member signed in. */
    open: (member: Member | null, path?: string, options?: BrowserContextOptions) => Promise<Page>;
}

export const test = base.extend<Kit, { server: Server }>({
    server: [
        // eslint-disable-next-line no-empty-pattern -- required by Playwright
        async ({}, use) => {
            const server = await Server.start();
            await use(server);
            await server.stop();
        },
        { scope: "worker" },
    ],
    open: async ({ browser, server }, use) => {
        const pages: Page[] = [];
        const complaints: string[] = [];
        await use(async (member, path = "/", options = {}) => {
            const page = await openPage(browser, member, options);
            page.on("pageerror", (error) => complaints.push(String(error)));
            page.on("console", (line) => {
                if (/Content Security Policy/.test(line.text())) complaints.push(line.text());
            });
            pages.push(page);
            await page.goto(new URL(path, member?.server.url ?? server.url).href);
            return page;
        });
        await Promise.all(pages.map((page) => page.context().close()));
        expect(complaints, "errors on a page").toEqual([]);
    },
});

async function openPage(browser: Browser, member: Member | null, options: BrowserContextOptions) {
    const context = await browser.newContext({ locale: "en", ...options });
    if (member) {
        const auth = {
            token: member.token,
            record: { ...member.record, collectionId: "_pb_users_auth_", collectionName: "users" },
        };
        await context.addInitScript(
            ([origin, kept]) => {
                // Only the first time, so that a sign-out lasts.
                if (location.origin !== origin || sessionStorage.getItem("kit")) return;
                sessionStorage.setItem("kit", "done");
                localStorage.setItem("pocketbase_auth", kept!);
            },
            [member.server.url, JSON.stringify(auth)],
        );
    }
    return context.newPage();
}

/** Resolves once all animations have ended, except endless ones such as spinners. */
function stillness(): Promise<unknown> {
    const ends = (animation: Animation) => animation.effect?.getComputedTiming().endTime !== Infinity;
    return Promise.all(
        document
            .getAnimations()
            .filter(ends)
            .map((animation) => animation.finished.catch(() => null)),
    );
}

const looks = ["light", "dark"] as const;
const sizes = { phone: phone.viewport, desk: desk.viewport };

/**
 * Checks a screen with axe, light on a phone and dark on a desktop, and that nothing is wider than the window. Saves
 * screenshots in e2e/screens.
 */
export async function inspect(page: Page, name: string): Promise<void> {
    const before = page.viewportSize();
    for (const [size, viewport] of Object.entries(sizes)) {
        await page.setViewportSize(viewport);
        for (const colorScheme of looks) {
            await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
            await page.evaluate(stillness);
            await page.screenshot({ path: `e2e/screens/${name}-${size}-${colorScheme}.png` });
            if ((size === "phone") !== (colorScheme === "light")) continue; // each size and each theme once
            // The client has no foreign frames, and legacy mode takes half the time.
            const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
            const found = violations.map(
                (v) => `${v.id}: ${v.nodes.map((n) => `${n.html} ${n.failureSummary}`).join("\n")}`,
            );
            expect(found, `axe on ${name}, ${size}, ${colorScheme}`).toEqual([]);
        }
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow, `${name} is wider than a ${size}`).toBeLessThanOrEqual(0);
    }
    if (before) await page.setViewportSize(before);
    await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}

// How long a message takes to the other's screen. `make bench` runs it; nothing fails on a slow machine.
import { expect, type Page, talk, test } from "./kit/test.ts";

/** How long a page takes for two frames while it has nothing to do: at most 33 ms, on a machine that is not busy. */
const frames = (page: Page) =>
    page.evaluate(
        () =>
            new Promise<number>((done) => {
                const begun = performance.now();
                requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begun)));
            }),
    );

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

test("a message is on the other's screen: 300 ms are the aim", async ({ server, open }) => {
    const { amara, ben, conversation } = await talk(server);
    const hers = await open(amara, `/messages/${conversation}`);
    const his = await open(ben, `/messages/${conversation}`);
    await expect(hers.getByLabel("Message to Ben")).toBeVisible();
    await expect(his.getByLabel("Message to Amara")).toBeVisible();
    await hers.getByLabel("Message to Ben").fill("The first opens everything");
    await hers.keyboard.press("Enter");
    await expect(his.getByText("The first opens everything").first()).toBeVisible();

    const times: number[] = [];
    const calm: number[] = [];
    for (let i = 0; i < 11; i++) {
        calm.push(await frames(hers), await frames(his));
        const text = `Number ${i} of eleven`;
        const shown = his.evaluate(
            (wanted) =>
                new Promise<number>((done) => {
                    const look = () => {
                        const found = [...document.querySelectorAll("article")].some((a) =>
                            a.textContent?.includes(wanted),
                        );
                        if (found) done(Date.now());
                        else requestAnimationFrame(look);
                    };
                    look();
                }),
            text,
        );
        await hers.getByLabel("Message to Ben").fill(text);
        const sent = hers.evaluate(() => Date.now());
        await hers.keyboard.press("Enter");
        times.push((await shown) - (await sent));
    }
    const said = `shown after ${median(times)} ms (median of ${times.length}; at most ${Math.max(...times)} ms, \
two idle frames take ${Math.round(median(calm))} ms)`;
    console.log(said);
});

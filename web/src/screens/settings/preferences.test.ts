import { beforeEach, expect, test, vi } from "vitest";

import * as accounts from "../../lib/api/accounts";
import type { Preferences } from "../../lib/api/schemas";
import { Prefs } from "./preferences.svelte";

vi.mock("../../lib/api/accounts");

const plain = { read_receipts: true, typing_indicators: true, notify: null } as unknown as Preferences;

/** A fake server: its preferences, and the answers that are pending. */
let held: Preferences;
let answers: (() => void)[];
let arrived: Partial<Preferences>[];

beforeEach(() => {
    [held, answers, arrived] = [plain, [], []];
    vi.mocked(accounts.preferences).mockImplementation(() => Promise.resolve(held));
    vi.mocked(accounts.changePreferences).mockImplementation((changes) => {
        arrived.push(changes);
        held = { ...held, ...changes };
        const saved = held;
        return new Promise((done) => answers.push(() => done(saved)));
    });
});

async function loaded(): Promise<Prefs> {
    const prefs = new Prefs();
    await prefs.load();
    return prefs;
}

/** Delivers the next answer. */
async function answer(): Promise<void> {
    await vi.waitFor(() => expect(answers.length).toBeGreaterThan(0));
    answers.shift()!();
    await new Promise((later) => setTimeout(later, 0));
}

test("a late answer does not undo later changes", async () => {
    const prefs = await loaded();
    const both = [prefs.change({ read_receipts: false }), prefs.change({ typing_indicators: false })];
    await answer();
    expect(prefs.it).toMatchObject({ read_receipts: false, typing_indicators: false });
    await answer();
    await Promise.all(both);
    expect(held).toMatchObject({ read_receipts: false, typing_indicators: false });
});

test("changes are saved one after the other, so that the last one wins", async () => {
    const prefs = await loaded();
    const both = [prefs.change({ read_receipts: false }), prefs.change({ read_receipts: true })];
    await vi.waitFor(() => expect(arrived).toEqual([{ read_receipts: false }]));
    await answer();
    await answer();
    await Promise.all(both);
    expect(arrived).toEqual([{ read_receipts: false }, { read_receipts: true }]);
    expect(prefs.it?.read_receipts).toBe(true);
});

test("a change that could not be saved is undone, and nothing else", async () => {
    const prefs = await loaded();
    vi.mocked(accounts.changePreferences).mockRejectedValueOnce(new Error("offline"));
    const both = [prefs.change({ read_receipts: false }), prefs.change({ typing_indicators: false })];
    await answer();
    await Promise.all(both);
    expect(prefs.it).toMatchObject({ read_receipts: true, typing_indicators: false });
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Recheck } from "./recheck";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function made() {
    const ask = vi.fn(() => Promise.resolve());
    return { ask, recheck: new Recheck(ask) };
}

test("a while after the start, a check runs at once", async () => {
    const { ask, recheck } = made();
    await vi.advanceTimersByTimeAsync(60_000);
    recheck.request();
    await vi.advanceTimersByTimeAsync(0);
    expect(ask).toHaveBeenCalledTimes(1);
});

test("early requests are delayed and combined into one check", async () => {
    const { ask, recheck } = made();
    recheck.request();
    recheck.request();
    await vi.advanceTimersByTimeAsync(14_000);
    expect(ask).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ask).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).toHaveBeenCalledTimes(1);
});

test("no check runs after a sign-out", async () => {
    const { ask, recheck } = made();
    recheck.request();
    recheck.end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).not.toHaveBeenCalled();
});

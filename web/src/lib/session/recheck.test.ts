import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Recheck } from "./recheck";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function made() {
    const ask = vi.fn(() => Promise.resolve());
    return { ask, recheck: new Recheck(ask) };
}

test("a while after the start it is asked at once", async () => {
    const { ask, recheck } = made();
    await vi.advanceTimersByTimeAsync(60_000);
    recheck.wish();
    await vi.advanceTimersByTimeAsync(0);
    expect(ask).toHaveBeenCalledTimes(1);
});

test("what is wished too soon is not forgotten, and many wishes are one", async () => {
    const { ask, recheck } = made();
    recheck.wish();
    recheck.wish();
    await vi.advanceTimersByTimeAsync(14_000);
    expect(ask).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ask).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).toHaveBeenCalledTimes(1);
});

test("who has signed out is not asked about", async () => {
    const { ask, recheck } = made();
    recheck.wish();
    recheck.end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).not.toHaveBeenCalled();
});

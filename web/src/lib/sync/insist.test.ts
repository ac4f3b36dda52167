import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { insist } from "./insist";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Fails the given number of times, and then succeeds. */
function failing(times: number) {
    return vi.fn(() => (times-- > 0 ? Promise.reject(new Error("offline")) : Promise.resolve("there")));
}

test("a failed load is tried again after a while", async () => {
    const fetch = failing(2);
    const got = insist(fetch, new AbortController().signal);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(fetch).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(11_000);
    expect(await got).toBe("there");
    expect(fetch).toHaveBeenCalledTimes(3);
});

test("it is tried again as soon as the connection is back", async () => {
    const fetch = failing(1);
    const got = insist(fetch, new AbortController().signal);
    await vi.advanceTimersByTimeAsync(0);
    dispatchEvent(new Event("online"));
    expect(await got).toBe("there");
});

test("it ends with the session", async () => {
    const fetch = failing(9);
    const session = new AbortController();
    const got = insist(fetch, session.signal);
    await vi.advanceTimersByTimeAsync(0);
    session.abort();
    expect(await got).toBeNull();
    expect(fetch).toHaveBeenCalledTimes(1);
});

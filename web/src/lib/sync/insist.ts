// Fetches a part of the client that cannot be done without, however often the connection fails.

/** How long to wait until the next attempt, unless the connection comes back before. */
const pause = 10_000;

/** Tries until it succeeds; null once nobody wants it any more. */
export async function insist<T>(fetch: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
    while (!signal.aborted) {
        try {
            return await fetch();
        } catch {
            await anotherChance(signal);
        }
    }
    return null;
}

function anotherChance(signal: AbortSignal): Promise<void> {
    return new Promise((come) => {
        const done = () => {
            clearTimeout(timer);
            removeEventListener("online", done);
            signal.removeEventListener("abort", done);
            come();
        };
        const timer = setTimeout(done, pause);
        addEventListener("online", done);
        signal.addEventListener("abort", done);
    });
}

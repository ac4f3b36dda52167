// Loads a required part of the client, and retries until it succeeds.

/** The pause between attempts, unless the connection comes back earlier. */
const pause = 10_000;

/** Retries until it succeeds. Returns null once the signal is aborted. */
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

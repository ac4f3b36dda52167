// Detects proxies that buffer event streams, by the time between two events.
import { auth } from "../api/auth";

/** The two events are sent 300 ms apart. If they arrive closer together than this, the first was held back. */
const leastApart = 120;
/** The first event is sent at once, so it should arrive within this time. */
const patience = 4000;

let found: Promise<boolean> | null = null;

/** Whether streams are held back on this network. The result is kept unless there was no answer. */
export function isHeldBack(): Promise<boolean> {
    found ??= probe().catch((error: unknown) => {
        found = null;
        throw error;
    });
    return found;
}

/** Forgets the result, because the network may have changed. */
export function probeAgain(): void {
    found = null;
}

async function probe(): Promise<boolean> {
    const begun = performance.now();
    const response = await fetch("/api/realtime/probe", {
        headers: { Authorization: auth.token },
        signal: AbortSignal.timeout(15_000),
    });
    if (!response.ok || !response.body) throw new Error(`the probe was answered ${response.status}`);
    const arrivals: number[] = [];
    const decoder = new TextDecoder();
    let text = "";
    for (const reader = response.body.getReader(); ;) {
        const { done, value } = await reader.read();
        if (done) break;
        text += decoder.decode(value, { stream: true });
        const parts = text.match(/"part":\d/g)?.length ?? 0;
        while (arrivals.length < parts) arrivals.push(performance.now());
    }
    return judge(begun, arrivals);
}

/** Decides from the times of the request and the two events. */
export function judge(begun: number, [first, second]: number[]): boolean {
    if (first === undefined || second === undefined) return true;
    return first - begun > patience || second - first < leastApart;
}

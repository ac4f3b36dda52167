// Finds out whether a proxy on the way collects a stream until it is whole, by two events that come a moment apart.
import { auth } from "../api/auth";

/** The two events are 300 ms apart; closer than this, somebody has held the first back. */
const leastApart = 120;
/** The first event comes at once. */
const patience = 4000;

let found: Promise<boolean> | null = null;

/** Whether streams are held back here. It is asked once, unless there was no answer. */
export function isHeldBack(): Promise<boolean> {
    found ??= probe().catch((error: unknown) => {
        found = null;
        throw error;
    });
    return found;
}

/** Forgets the finding: the network may be another one. */
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

/** Judges by when the request went out and when the two events came. */
export function judge(begun: number, [first, second]: number[]): boolean {
    if (first === undefined || second === undefined) return true;
    return first - begun > patience || second - first < leastApart;
}

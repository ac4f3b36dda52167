// The outbox: an ordered queue on the device, emptied by one tab or the service worker at a time. A message is written
// once however often it is sent, because it carries its own id.
import type { Failure } from "../api/failure";
import type { Message } from "../api/schemas";
import type { Database, Waiting } from "./database";

/** What became of one attempt. */
export type Outcome = { message: Message } | { failure: Failure };

export type Send = (entry: Waiting) => Promise<Outcome>;

/** What a flush tells: a message is stored, refused, or the rest has to wait. */
export interface Report {
    sent: (entry: Waiting, message: Message) => void;
    refused: (entry: Waiting) => void;
}

const letters = "abcdefghijklmnopqrstuvwxyz0123456789";

/** An id as the server takes them: 15 of a-z and 0-9. */
export function newId(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(15));
    return [...bytes].map((byte) => letters[byte % letters.length]).join("");
}

export async function enqueue(
    db: Database,
    entry: Omit<Waiting, "n" | "state" | "attempts" | "failure">,
): Promise<Waiting> {
    const waiting: Waiting = { ...entry, state: "pending", attempts: 0, failure: null };
    const n = await db.add("outbox", waiting);
    return { ...waiting, n };
}

/** Whether a failure may pass by itself. Everything else needs somebody to change something. */
export const passes = (f: Failure) => f.status === 0 || f.status === 401 || f.status === 429 || f.status >= 500;

/**
 * Sends what is pending, in order. Returns after how many milliseconds to try again: 0 when there is nothing left to try.
 * A refused message is kept as failed, and those behind it go on.
 */
export async function flush(db: Database, send: Send, report: Report): Promise<number> {
    for (;;) {
        const entry = (await db.getAll("outbox")).find((waiting) => waiting.state === "pending");
        if (!entry) return 0;
        const outcome = await send(entry);
        if ("message" in outcome) {
            await settle(db, entry, outcome.message);
            report.sent(entry, outcome.message);
        } else if (passes(outcome.failure)) {
            const attempts = entry.attempts + 1;
            await keep(db, { ...entry, attempts });
            return delay(attempts, outcome.failure.wait);
        } else {
            const refused: Waiting = { ...entry, state: "failed", failure: outcome.failure };
            await keep(db, refused);
            report.refused(refused);
        }
    }
}

/** Writes an entry back, unless somebody has taken it out meanwhile. */
async function keep(db: Database, entry: Waiting): Promise<void> {
    const tx = db.transaction("outbox", "readwrite");
    if (await tx.store.get(entry.n!)) await tx.store.put(entry);
    await tx.done;
}

/** The message takes the place of what waited, in one step: it is never in both, and never in none. */
async function settle(db: Database, entry: Waiting, message: Message): Promise<void> {
    const tx = db.transaction(["outbox", "messages"], "readwrite");
    void tx.objectStore("outbox").delete(entry.n!);
    void tx.objectStore("messages").put(message);
    await tx.done;
}

/** Longer and longer, up to a minute, and not all at once. The server's own wish comes first. */
export function delay(attempts: number, wish: number, random = Math.random()): number {
    if (wish > 0) return wish * 1000;
    const most = Math.min(60_000, 1000 * 2 ** Math.min(attempts - 1, 6));
    return most / 2 + (most / 2) * random;
}

/** Tries a refused message again, or for the first time with other words. */
export async function retry(db: Database, id: string, changes: Partial<Waiting> = {}): Promise<void> {
    const tx = db.transaction("outbox", "readwrite");
    const entry = await tx.store.index("id").get(id);
    if (entry) await tx.store.put({ ...entry, ...changes, state: "pending", attempts: 0, failure: null });
    await tx.done;
}

export async function discard(db: Database, id: string): Promise<void> {
    const tx = db.transaction("outbox", "readwrite");
    const key = await tx.store.index("id").getKey(id);
    if (key !== undefined) await tx.store.delete(key);
    await tx.done;
}

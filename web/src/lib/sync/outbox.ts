// The outbox: an ordered queue on the device, which one tab or the service worker empties at a time. A message carries its
// own id, so the server stores it once even if it is sent several times.
import type { Failure } from "../api/failure";
import type { Message } from "../api/schemas";
import type { Database, Waiting } from "./database";

/** The result of one attempt to send. */
export type Outcome = { message: Message } | { failure: Failure };

export type Send = (entry: Waiting) => Promise<Outcome>;

/** Callbacks of a flush: a message was stored, or refused. */
export interface Report {
    sent: (entry: Waiting, message: Message) => void;
    refused: (entry: Waiting) => void;
}

const letters = "abcdefghijklmnopqrstuvwxyz0123456789";

/** Creates an id in the server's format: 15 characters of a-z and 0-9. */
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

/** Whether a failure is temporary. All others need the member to change something. */
export const passes = (f: Failure) => f.status === 0 || f.status === 401 || f.status === 429 || f.status >= 500;

/**
 * Sends pending messages in order. Returns the milliseconds until the next attempt, or 0 if nothing is left to send.
 * A refused message is kept as failed, and the ones after it are still sent.
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

/** Saves an entry unless it was removed meanwhile. */
async function keep(db: Database, entry: Waiting): Promise<void> {
    const tx = db.transaction("outbox", "readwrite");
    if (await tx.store.get(entry.n!)) await tx.store.put(entry);
    await tx.done;
}

/** Replaces an entry with the stored message in one transaction, so that it is always in exactly one place. */
async function settle(db: Database, entry: Waiting, message: Message): Promise<void> {
    const tx = db.transaction(["outbox", "messages"], "readwrite");
    void tx.objectStore("outbox").delete(entry.n!);
    void tx.objectStore("messages").put(message);
    await tx.done;
}

/** Exponential backoff with jitter, up to a minute. A delay requested by the server takes precedence. */
export function delay(attempts: number, requested: number, random = Math.random()): number {
    if (requested > 0) return requested * 1000;
    const most = Math.min(60_000, 1000 * 2 ** Math.min(attempts - 1, 6));
    return most / 2 + (most / 2) * random;
}

/** Queues a refused message again, with changes if there are any. */
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

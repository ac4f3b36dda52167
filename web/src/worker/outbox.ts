// Sends messages of the outbox when no tab is open.
import { Bus } from "../lib/sync/bus";
import { openDatabase, readPass } from "../lib/sync/database";
import { enqueue, flush, newId } from "../lib/sync/outbox";
import { sendWaiting } from "../lib/sync/send";

/** Empties the outbox. Throws if messages are left, so that the browser tries again. */
export async function emptyOutbox(): Promise<void> {
    const pass = await readPass();
    if (!pass) return;
    const db = await openDatabase(pass.user);
    const bus = new Bus(pass.user);
    try {
        const wait = await navigator.locks.request(`cc-outbox-${pass.user}`, () =>
            flush(db, (entry) => sendWaiting(entry, pass.token), {
                sent: (entry, message) => bus.post({ type: "sent", entry, message }),
                refused: () => bus.post({ type: "outbox" }),
            }),
        );
        if (wait > 0) throw new Error("the outbox is not empty yet");
    } finally {
        bus.close();
        db.close();
    }
}

/** Sends a reply from a notification through the outbox. */
export async function replyTo(conversation: string, content: string): Promise<void> {
    const pass = await readPass();
    if (!pass) return;
    const db = await openDatabase(pass.user);
    const created_at = new Date().toISOString().replace("T", " ");
    await enqueue(db, { id: newId(), conversation, content, reply_to: "", acknowledge: [], images: [], created_at });
    db.close();
    await emptyOutbox();
}

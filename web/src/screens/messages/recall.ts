// Brings a refused message back into the composer of its conversation.
import type { Waiting } from "../../lib/sync/database";
import { sync } from "../../lib/sync/sync.svelte";

type Listener = (entry: Waiting) => void;
const listeners = new Set<Listener>();

/** Registers the composer while it is on the screen. */
export function onRecall(listener: Listener): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

export async function recall(entry: Waiting): Promise<void> {
    await sync.discard(entry.id);
    for (const listener of listeners) listener(entry);
}

// The IndexedDB store of one account. Pages and the service worker share it.
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb";

import type { Failure } from "../api/failure";
import type { Conversation, Message } from "../api/schemas";

/** A message in the outbox. `n` is its position in the queue. */
export interface Waiting {
    n?: number;
    /** The id of the message. The server stores it once even if it is sent several times. */
    id: string;
    conversation: string;
    content: string;
    reply_to: string;
    acknowledge: string[];
    images: Picture[];
    created_at: string;
    state: "pending" | "failed";
    attempts: number;
    /** Why the server refused it. */
    failure: Failure | null;
}

/** A photo to be sent, with its description. */
export interface Picture {
    blob: Blob;
    name: string;
    alt: string;
}

/** A conversation, and whether the reader archived it. The server only says so by the list that it is in. */
export interface Kept extends Conversation {
    archived?: boolean;
}

/** The kept part of a conversation: everything the reader may see from `low` to `high`. */
export interface Span {
    conversation: string;
    low: number;
    high: number;
    /** The cursor for messages older than `low`: the server's, or `byPlace`; "" if there are none. */
    cursor: string;
    /** The server's time up to which changes of the kept messages are known. */
    known: string;
}

/** Used where there is no cursor from the server: older messages are requested by `seq`. */
export const byPlace = "by-place";

export interface Draft {
    conversation: string;
    text: string;
    reply_to: string;
}

interface Schema extends DBSchema {
    conversations: { key: string; value: Kept };
    messages: { key: string; value: Message; indexes: { place: [string, number] } };
    spans: { key: string; value: Span };
    outbox: { key: number; value: Waiting; indexes: { id: string } };
    drafts: { key: string; value: Draft };
    values: { key: string; value: unknown };
}

export type Database = IDBPDatabase<Schema>;

const nameOf = (user: string) => `cc-${user}`;

export function openDatabase(user: string): Promise<Database> {
    return openDB<Schema>(nameOf(user), 1, {
        upgrade(db) {
            db.createObjectStore("conversations", { keyPath: "id" });
            const messages = db.createObjectStore("messages", { keyPath: "id" });
            messages.createIndex("place", ["conversation", "seq"]);
            db.createObjectStore("spans", { keyPath: "conversation" });
            const outbox = db.createObjectStore("outbox", { keyPath: "n", autoIncrement: true });
            outbox.createIndex("id", "id", { unique: true });
            db.createObjectStore("drafts", { keyPath: "conversation" });
            db.createObjectStore("values");
        },
        blocking: (_old, _new, event) => (event.target as IDBDatabase).close(), // another tab is signing out
    });
}

export const deleteDatabase = (user: string) => deleteDB(nameOf(user));

/** The signed-in account, where the service worker can read it. */
export interface Pass {
    user: string;
    token: string;
}

const passes = () =>
    openDB<{ pass: { key: string; value: Pass } }>("cc-pass", 1, {
        upgrade: (db) => void db.createObjectStore("pass"),
    });

export async function savePass(pass: Pass | null): Promise<void> {
    const db = await passes();
    if (pass) await db.put("pass", pass, "pass");
    else await db.clear("pass");
    db.close();
}

export async function readPass(): Promise<Pass | undefined> {
    const db = await passes();
    const pass = await db.get("pass", "pass");
    db.close();
    return pass;
}

/** Returns the kept messages of a conversation between two places, in order. */
export function messagesBetween(db: Database, conversation: string, from: number, to: number): Promise<Message[]> {
    return db.getAllFromIndex("messages", "place", IDBKeyRange.bound([conversation, from], [conversation, to]));
}

/** Deletes a conversation that the member left or that is gone. */
export async function forgetConversation(db: Database, id: string): Promise<void> {
    const tx = db.transaction(["conversations", "messages", "spans", "drafts"], "readwrite");
    const all = IDBKeyRange.bound([id, 0], [id, Infinity]);
    for (const key of await tx.objectStore("messages").index("place").getAllKeys(all)) {
        void tx.objectStore("messages").delete(key);
    }
    void tx.objectStore("conversations").delete(id);
    void tx.objectStore("spans").delete(id);
    void tx.objectStore("drafts").delete(id);
    await tx.done;
}

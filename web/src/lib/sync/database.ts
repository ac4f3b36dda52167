// What is kept on the device for one account, in IndexedDB. Pages and the service worker share it.
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb";

import type { Failure } from "../api/failure";
import type { Conversation, Message } from "../api/schemas";

/** A message that waits to be sent. `n` is its place in the queue. */
export interface Waiting {
    n?: number;
    /** The id that the message will have: the server writes it once, however often it is sent. */
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

/** An image to be sent, with what it shows in words. */
export interface Picture {
    blob: Blob;
    name: string;
    alt: string;
}

/** A conversation, and whether one has archived it: the server tells that by which list it stands in. */
export interface Kept extends Conversation {
    archived?: boolean;
}

/** The part of a conversation that is kept: everything one may see from `low` to `high`. */
export interface Span {
    conversation: string;
    low: number;
    high: number;
    /** How to ask for what is older than `low`: the server's word, or `byPlace`; "" when there is nothing. */
    cursor: string;
    /** By the server's clock: until when changes of what is kept are known. */
    known: string;
}

/** The server has given no cursor here: what is older is asked for by its `seq`. */
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
        blocking: (_old, _new, event) => (event.target as IDBDatabase).close(), // another tab signs out
    });
}

export const deleteDatabase = (user: string) => deleteDB(nameOf(user));

/** Who is signed in, where the service worker can read it. */
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

/** Everything of a conversation between two places, in order. */
export function messagesBetween(db: Database, conversation: string, from: number, to: number): Promise<Message[]> {
    return db.getAllFromIndex("messages", "place", IDBKeyRange.bound([conversation, from], [conversation, to]));
}

/** Forgets a conversation: it has been left, or is gone. */
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

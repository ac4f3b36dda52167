import { beforeEach, describe, expect, test } from "vitest";

import type { Failure } from "../api/failure";
import type { Message } from "../api/schemas";
import { type Database, openDatabase } from "./database";
import { delay, discard, enqueue, flush, newId, type Outcome, retry } from "./outbox";

const refusal = (status: number, code = ""): Failure => ({ status, code, fields: {}, message: "", wait: 0 });
const stored = (id: string) => ({ message: { id, conversation: "c", seq: 1 } as Message });
const entry = (id: string, conversation = "c") => ({
    id,
    conversation,
    content: id,
    reply_to: "",
    acknowledge: [],
    images: [],
    created_at: "",
});
const silent = { sent: () => undefined, refused: () => undefined };

let db: Database;
let user = 0;
beforeEach(async () => {
    db = await openDatabase(`user${user++}`);
});

/** Answers in turn, and records what was sent. */
function server(...answers: ((id: string) => Outcome)[]) {
    const sent: string[] = [];
    const send = async ({ id }: { id: string }) => {
        sent.push(id);
        return (answers.shift() ?? stored)(id);
    };
    return { sent, send };
}

describe("the outbox", () => {
    test("is emptied in order, and each entry is replaced by the stored message", async () => {
        for (const id of ["one", "two", "three"]) await enqueue(db, entry(id));
        const { sent, send } = server();
        expect(await flush(db, send, silent)).toBe(0);
        expect(sent).toEqual(["one", "two", "three"]);
        expect(await db.count("outbox")).toBe(0);
        expect(await db.count("messages")).toBe(3);
    });

    test.each([0, 401, 429, 500, 507])("waits and keeps the order after status %i", async (status) => {
        for (const id of ["one", "two"]) await enqueue(db, entry(id));
        const { sent, send } = server(() => ({ failure: refusal(status) }));
        expect(await flush(db, send, silent)).toBeGreaterThan(0);
        expect(sent).toEqual(["one"]);
        await flush(db, send, silent);
        expect(sent).toEqual(["one", "one", "two"]);
    });

    test.each([400, 403, 404])(
        "keeps a message refused with %i as failed with its reason, and continues",
        async (status) => {
            for (const id of ["one", "two"]) await enqueue(db, entry(id));
            const { sent, send } = server(() => ({ failure: refusal(status, "content_blocked") }));
            expect(await flush(db, send, silent)).toBe(0);
            expect(sent).toEqual(["one", "two"]);
            expect(await db.getAll("outbox")).toMatchObject([
                { id: "one", state: "failed", failure: { code: "content_blocked" } },
            ]);
        },
    );

    test("sends a failed message again on request, with a new text", async () => {
        await enqueue(db, entry("one"));
        const { send } = server(() => ({ failure: refusal(400) }));
        await flush(db, send, silent);
        await retry(db, "one", { content: "better" });
        const heard: string[] = [];
        await flush(db, async (waiting) => (heard.push(waiting.content), stored(waiting.id)), silent);
        expect(heard).toEqual(["better"]);
    });

    test("does not restore an entry that was removed while it was being sent", async () => {
        await enqueue(db, entry("one"));
        const send = async () => {
            await discard(db, "one");
            return { failure: refusal(0) };
        };
        await flush(db, send, silent);
        expect(await db.count("outbox")).toBe(0);
    });

    test("keeps a message once, even if it is added twice", async () => {
        await enqueue(db, entry("one"));
        await expect(enqueue(db, entry("one"))).rejects.toThrow();
        expect(await db.count("outbox")).toBe(1);
    });
});

test("an id has the server's format", () => {
    expect(newId()).toMatch(/^[a-z0-9]{15}$/);
    expect(newId()).not.toBe(newId());
});

test.each([
    [1, 0, 0, 500],
    [1, 0, 1, 1000],
    [3, 0, 1, 4000],
    [50, 0, 1, 60_000],
    [1, 450, 0.5, 450_000],
])("after attempt %i, with %i seconds requested, it waits the right time", (attempts, requested, random, wait) => {
    expect(delay(attempts, requested, random)).toBe(wait);
});

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

/** Answers in turn, and remembers what was sent. */
function server(...answers: ((id: string) => Outcome)[]) {
    const sent: string[] = [];
    const send = async ({ id }: { id: string }) => {
        sent.push(id);
        return (answers.shift() ?? stored)(id);
    };
    return { sent, send };
}

describe("the outbox", () => {
    test("is emptied in order, and each message is stored in place of what waited", async () => {
        for (const id of ["one", "two", "three"]) await enqueue(db, entry(id));
        const { sent, send } = server();
        expect(await flush(db, send, silent)).toBe(0);
        expect(sent).toEqual(["one", "two", "three"]);
        expect(await db.count("outbox")).toBe(0);
        expect(await db.count("messages")).toBe(3);
    });

    test.each([0, 401, 429, 500, 507])("waits, and sends nothing out of order, after %i", async (status) => {
        for (const id of ["one", "two"]) await enqueue(db, entry(id));
        const { sent, send } = server(() => ({ failure: refusal(status) }));
        expect(await flush(db, send, silent)).toBeGreaterThan(0);
        expect(sent).toEqual(["one"]);
        await flush(db, send, silent);
        expect(sent).toEqual(["one", "one", "two"]);
    });

    test.each([400, 403, 404])(
        "keeps what is refused with %i as failed, with the reason, and goes on",
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

    test("sends what failed again when asked to, with other words", async () => {
        await enqueue(db, entry("one"));
        const { send } = server(() => ({ failure: refusal(400) }));
        await flush(db, send, silent);
        await retry(db, "one", { content: "better" });
        const heard: string[] = [];
        await flush(db, async (waiting) => (heard.push(waiting.content), stored(waiting.id)), silent);
        expect(heard).toEqual(["better"]);
    });

    test("does not bring back what was taken out while it was being sent", async () => {
        await enqueue(db, entry("one"));
        const send = async () => {
            await discard(db, "one");
            return { failure: refusal(0) };
        };
        await flush(db, send, silent);
        expect(await db.count("outbox")).toBe(0);
    });

    test("takes a message once, even if it is put in twice", async () => {
        await enqueue(db, entry("one"));
        await expect(enqueue(db, entry("one"))).rejects.toThrow();
        expect(await db.count("outbox")).toBe(1);
    });
});

test("an id is as the server takes them", () => {
    expect(newId()).toMatch(/^[a-z0-9]{15}$/);
    expect(newId()).not.toBe(newId());
});

test.each([
    [1, 0, 0, 500],
    [1, 0, 1, 1000],
    [3, 0, 1, 4000],
    [50, 0, 1, 60_000],
    [1, 450, 0.5, 450_000],
])("after attempt %i with the wish %i it waits as it should", (attempts, wish, random, wait) => {
    expect(delay(attempts, wish, random)).toBe(wait);
});

// Two members talk through the official SDK and the real binary, while a third listens to everything they can.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { join, superuser } from "./people.js";
import { startServer } from "./server.js";

const EACH = 200;

let server, amara, ben, stranger;

before(async () => {
    server = await startServer();
    const operator = await superuser(server);
    await operator.pb.collection("messaging_settings").update("settings0000000", {
        window_message_limit: 10 * EACH,
        daily_message_limit: 10 * EACH,
    });
    amara = await join(server, "Amara");
    ben = await join(server, "Ben");
    stranger = await join(server, "Stranger");
});

after(async () => {
    await Promise.all([amara, ben, stranger].map((person) => person?.leave()));
    await server?.stop();
});

let conversation;

test("an offer of help waits for consent", async () => {
    await amara.call("PUT", "/messaging/preferences", { auto_accept_help_requests: false });
    const need = await amara.pb.collection("help_requests").create({
        title: "Somebody to fetch my groceries",
        description: "I broke my foot. Two bags, on Thursday.",
        category: "errands",
    });
    const question = `?recipient_id=${amara.id}&help_request_id=${need.id}`;
    assert.equal((await ben.call("GET", `/messaging/permissions${question}`)).outcome, "request");

    const started = await ben.call("POST", "/conversations", {
        recipient_id: amara.id,
        help_request_id: need.id,
        initial_message: "I can go on Thursday. When suits you?",
    });
    conversation = started.conversation.id;
    assert.equal(started.consent, "pending");
    assert.equal(started.conversation.help_request.id, need.id);
    await refused("consent_pending", ben.write(conversation, "Are you there?"));
    await refused("consent_pending", ben.create(conversation, "Are you there?"));
    await refused("consent_pending", amara.create(conversation, "Who are you?"));

    const { conversations } = await amara.call("GET", "/conversations?consent=pending");
    assert.deepEqual(conversations.map((c) => [c.id, c.last_message.content]), [[conversation, "I can go on Thursday. When suits you?"]]);
    assert.equal((await amara.call("POST", `/conversations/${conversation}/accept`)).consent, "accepted");
});

test("both write at once and receive each message once, and a stranger receives nothing", async () => {
    const everything = ["messages", "conversations", "conversation_participants", "notifications"];
    await Promise.all([amara.listen("messages"), ben.listen("messages"), stranger.listen(...everything)]);

    const numbers = Array.from({ length: EACH }, (_, i) => i + 1);
    const written = await Promise.all([
        ...numbers.map((n) => amara.create(conversation, `Amara ${n}`)),
        ...numbers.map((n) => ben.write(conversation, `Ben ${n}`)),
    ]);
    await Promise.all([amara, ben].map((person) => person.hears((p) => p.heardOf("messages").length >= written.length)));

    const expected = inOrder(written);
    assert.deepEqual(expected.map((m) => m.seq), Array.from({ length: 2 * EACH }, (_, i) => i + 2));
    for (const person of [amara, ben]) {
        assert.deepEqual(person.heardOf("messages").map(essence), expected.map(essence));
        assert.deepEqual((await catchUp(person)).map(essence), expected.map(essence));
    }
    await nothingReached(stranger);
});

test("only participants receive typing signals", async () => {
    const eve = await join(server, "Eve");
    await assert.rejects(eve.pb.realtime.subscribe(`typing/${conversation}`, () => {}), { status: 403 });
    await eve.leave();
});

test("a message has the same shape through the route, the SDK and live events", async () => {
    const byRoute = await ben.write(conversation, "By the route");
    const bySDK = await ben.create(conversation, "By the SDK");
    const find = (m) => amara.heardOf("messages").find((heard) => heard.id === m.id);
    await amara.hears(() => find(byRoute) && find(bySDK));
    const shape = (record) => Object.keys(record).sort();
    for (const record of [bySDK, find(byRoute), find(bySDK), await amara.pb.collection("messages").getOne(byRoute.id)]) {
        assert.deepEqual(shape(record), shape(byRoute));
    }
    const ids = amara.heardOf("messages").map((m) => m.id);
    assert.equal(new Set(ids).size, ids.length, "something came twice after all");
});

/** Waits until the stranger received an event of their own, which was sent after everything they must not receive. */
async function nothingReached(person) {
    await person.call("PUT", "/messaging/preferences", { can_receive_from: "anyone" });
    const { conversation: own } = await amara.call("POST", "/conversations", {
        recipient_id: person.id,
        initial_message: "Welcome! Do you need anything?",
    });
    await person.hears((p) => p.heardOf("messages").length > 0 && p.heardOf("conversation_participants").length > 0);
    for (const { collection, record } of person.heard) {
        const about = collection === "conversations" ? record.id : record.conversation;
        assert.equal(about, own.id, `${collection} told the stranger of ${JSON.stringify(record)}`);
    }
    for (const collection of ["messages", "conversation_participants"]) {
        const seen = await person.pb.collection(collection).getFullList();
        assert.deepEqual([...new Set(seen.map((record) => record.conversation))], [own.id]);
    }
    await assert.rejects(person.call("GET", `/conversations/${conversation}/messages`), { status: 404 });
}

/** Returns all messages after the first, through the catch-up route. */
async function catchUp(person) {
    const found = [];
    for (let more = true, after = 1; more; after = found.at(-1).seq) {
        const page = await person.call("GET", `/conversations/${conversation}/messages?direction=newer&limit=150&after=${after}`);
        found.push(...page.messages);
        more = page.pagination.has_more;
    }
    return found;
}

const inOrder = (messages) => messages.toSorted((a, b) => a.seq - b.seq);
const essence = ({ id, seq, sender, recipient, content }) => ({ id, seq, sender, recipient, content });

async function refused(code, attempt) {
    await assert.rejects(attempt, (error) => error.status === 403 && error.response.data.policy.code === code);
}

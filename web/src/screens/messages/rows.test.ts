import { describe, expect, test } from "vitest";

import type { Message, ParticipantRow } from "../../lib/api/schemas";
import type { Waiting } from "../../lib/sync/database";
import { buildRows, linked, marksOf, tickOf } from "./rows";

const message = (seq: number, changes: Partial<Message> = {}): Message => ({
    id: `m${seq}`,
    conversation: "c",
    seq,
    sender: "ben",
    recipient: "amara",
    content: `text ${seq}`,
    message_type: "text",
    reply_to: "",
    attachments: [],
    status: "sent",
    read_at: "",
    edited_at: "",
    deleted_at: "",
    moderation_status: "",
    created_at: `2026-03-02 12:0${seq}:00.000Z`,
    updated_at: "",
    ...changes,
});

const waiting = (id: string): Waiting => ({
    id,
    conversation: "c",
    content: "soon",
    reply_to: "",
    acknowledge: [],
    images: [],
    created_at: "",
    state: "pending",
    attempts: 0,
    failure: null,
});

const row = (user: string, read: number, delivered: number, changes: Partial<ParticipantRow> = {}): ParticipantRow => ({
    id: user,
    conversation: "c",
    user,
    role: "member",
    consent: "accepted",
    left_at: "",
    last_read_seq: read,
    last_delivered_seq: delivered,
    unread_count: 0,
    muted_until: "",
    archived: false,
    ...changes,
});

describe("rows", () => {
    test("only the first message of a day has the day as a heading", () => {
        const rows = buildRows(
            [message(1), message(2), message(3, { created_at: "2026-03-04 12:00:00.000Z" })],
            [],
            0,
            "amara",
        );
        expect(rows.map((r) => r.day !== "")).toEqual([true, false, true]);
    });

    test("the unread line is above the first unread message of another member", () => {
        const rows = buildRows([message(1), message(2, { sender: "amara" }), message(3), message(4)], [], 1, "amara");
        expect(rows.map((r) => r.unread)).toEqual([false, false, true, false]);
    });

    test("nothing is unread for a member who has never read here", () => {
        expect(buildRows([message(1)], [], 0, "amara").some((r) => r.unread)).toBe(false);
    });

    test("waiting messages come last, and are not repeated once they are stored", () => {
        const rows = buildRows([message(1)], [waiting("m1"), waiting("w1")], 0, "amara");
        expect(rows.map((r) => r.key)).toEqual(["m1", "w1"]);
    });

    test("messages of a sender are grouped until someone else writes or some time passes", () => {
        const list = [message(1), message(2), message(3, { sender: "amara" }), message(9, { sender: "amara" })];
        expect(buildRows(list, [], 0, "amara").map((r) => r.first)).toEqual([true, false, true, true]);
    });
});

describe("ticks", () => {
    const mine = (seq: number, status = "sent") => message(seq, { sender: "amara", status });

    test("the newest receipt counts for earlier messages", () => {
        const list = [mine(1), mine(2), mine(3, "read"), mine(4, "delivered"), mine(5)];
        const marks = marksOf(list, [], "amara");
        expect(list.map((m) => tickOf(m, marks))).toEqual(["read", "read", "read", "delivered", "sent"]);
    });

    test("in a group, a message is read once everyone has read it", () => {
        const marks = marksOf([mine(1), mine(2)], [row("ben", 2, 2), row("cleo", 1, 2), row("amara", 2, 2)], "amara");
        expect(marks).toEqual({ read: 1, delivered: 2 });
    });

    test("invited and former members do not count for read receipts", () => {
        const rows = [row("ben", 2, 2), row("cleo", 0, 0, { consent: "pending" }), row("dan", 0, 0, { left_at: "x" })];
        expect(marksOf([], rows, "amara").read).toBe(2);
    });
});

test.each([
    ["no address", [{ text: "no address" }]],
    [
        "see https://example.org/a.",
        [{ text: "see " }, { text: "https://example.org/a", href: "https://example.org/a" }, { text: "." }],
    ],
    ["javascript:alert(1)", [{ text: "javascript:alert(1)" }]],
    ["(http://a.de/x)", [{ text: "(" }, { text: "http://a.de/x", href: "http://a.de/x" }, { text: ")" }]],
])("%s is split at its addresses", (text, parts) => {
    expect(linked(text)).toEqual(parts);
});

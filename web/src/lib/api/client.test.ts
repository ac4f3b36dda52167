import { beforeEach, describe, expect, test, vi } from "vitest";
import * as v from "valibot";

import { Auth, auth } from "./auth";
import { ask, filter, nothing, Refusal, serverNow } from "./client";
import { failure } from "./errors";

const token = (exp: number) => `h.${btoa(JSON.stringify({ exp }))}.s`;
const inAnHour = token(Math.floor(Date.now() / 1000) + 3600);

beforeEach(() => {
    localStorage.clear();
    auth.clear();
});

/** Answers the next request, and returns it. */
function server(status: number, body: string, headers: Record<string, string> = {}) {
    const fetched = vi.fn<typeof fetch>(() =>
        Promise.resolve(new Response(status === 204 ? null : body, { status, headers })),
    );
    vi.stubGlobal("fetch", fetched);
    return () => fetched.mock.calls[0]! as [string, RequestInit];
}

describe("a request", () => {
    test("carries the token, the body and the given query values", async () => {
        auth.save(inAnHour, { id: "amara" });
        const asked = server(200, '{"id":"x"}');
        const query = { page: 2, archived: false, cursor: undefined };
        const answer = await ask(v.object({ id: v.string() }), "POST", "/things", { body: { a: 1 }, query });
        expect(answer).toEqual({ id: "x" });
        const [address, request] = asked();
        expect(address).toBe("/api/things?page=2&archived=false");
        expect(request).toMatchObject({ method: "POST", body: '{"a":1}' });
        expect(request.headers).toEqual({ Authorization: inAnHour, "Content-Type": "application/json" });
    });

    test("leaves the type of a form to the browser", async () => {
        const asked = server(200, "{}");
        await ask(nothing, "PATCH", "/x", { body: new FormData() });
        expect(asked()[1].headers).toEqual({});
    });

    test("may have an answer without a body", async () => {
        server(204, "");
        await expect(ask(nothing, "DELETE", "/x")).resolves.toEqual({});
    });

    test("that is refused has the reason as a code", async () => {
        server(403, '{"status":403,"message":"No.","data":{"policy":{"code":"consent_pending","message":"No."}}}');
        const error: unknown = await ask(nothing, "POST", "/x").catch((e: unknown) => e);
        expect(error).toBeInstanceOf(Refusal);
        expect(failure(error)).toMatchObject({ status: 403, code: "consent_pending", message: "No." });
    });

    test("without an answer is a temporary failure with status 0", async () => {
        vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
        expect(failure(await ask(nothing, "GET", "/x").catch((e: unknown) => e)).status).toBe(0);
    });

    test("fails if the answer has another shape", async () => {
        server(200, '{"id":5}');
        await expect(ask(v.object({ id: v.string() }), "GET", "/x")).rejects.toThrow();
    });

    test("returns the server's time", async () => {
        server(200, "{}", { date: "Mon, 02 Mar 2099 12:00:00 GMT" });
        await ask(nothing, "GET", "/x");
        expect(serverNow()).toBe("2099-03-02 12:00:00.000Z");
    });
});

test.each([
    ["a = {:a}", { a: "x" }, 'a = "x"'],
    ["a = {:a} && b = {:b}", { a: 'x" || 1=1', b: "y" }, 'a = "x\\" || 1=1" && b = "y"'],
])("a value cannot leave its place in %s", (expression, values, expected) => {
    expect(filter(expression, values as unknown as Record<string, string>)).toBe(expected);
});

describe("the signed-in account", () => {
    test("is restored after a reload, in the SDK's format", () => {
        auth.save(inAnHour, { id: "amara" });
        expect(JSON.parse(localStorage.getItem("pocketbase_auth")!)).toEqual({
            token: inAnHour,
            record: { id: "amara" },
        });
        expect(new Auth().record).toEqual({ id: "amara" });
        expect(new Auth().isValid).toBe(true);
        auth.clear();
        expect(new Auth().token).toBe("");
    });

    test.each([
        ["", false],
        ["no token", false],
        [token(1), false],
        [inAnHour, true],
    ])("is valid only with a token whose time is not over: %s", (kept, valid) => {
        localStorage.setItem("pocketbase_auth", JSON.stringify({ token: kept, record: null }));
        expect(new Auth().isValid).toBe(valid);
    });

    test("is ignored if the stored value is broken", () => {
        localStorage.setItem("pocketbase_auth", "{");
        expect(new Auth().token).toBe("");
    });

    test("is updated when another tab signs out", () => {
        auth.save(inAnHour, { id: "amara" });
        const heard: string[] = [];
        auth.onChange((now) => heard.push(now));
        localStorage.removeItem("pocketbase_auth");
        dispatchEvent(new StorageEvent("storage", { key: "pocketbase_auth" }));
        expect(heard).toEqual([""]);
        expect(auth.record).toBeNull();
    });
});

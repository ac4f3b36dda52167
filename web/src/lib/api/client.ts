// The one client of the server. Everything that is asked of it goes through here, and is checked when it comes back.
import PocketBase, { type SendOptions } from "pocketbase";
import * as v from "valibot";

export const pb = new PocketBase(typeof location === "undefined" ? "/" : location.origin);
pb.autoCancellation(false);

/** The server's clock, as of its last answer: what was changed since is asked by it, not by a phone's. */
let serverTime = 0;
pb.afterSend = (response, data) => {
    const date = Date.parse(response.headers?.get("date") ?? "");
    if (date > serverTime) serverTime = date;
    return data;
};

/** The moment of the server's last answer, as it writes times; "" before the first. */
export const serverNow = (): string => (serverTime ? new Date(serverTime).toISOString().replace("T", " ") : "");

type Query = Record<string, string | number | boolean | undefined>;

/** Asks a route, and checks the answer's shape. */
export async function ask<Schema extends v.GenericSchema>(
    schema: Schema,
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    options: { body?: unknown; query?: Query; signal?: AbortSignal } = {},
): Promise<v.InferOutput<Schema>> {
    const { body, query, signal } = options;
    const send: SendOptions = { method };
    if (body !== undefined) send.body = body as NonNullable<SendOptions["body"]>;
    if (query) send.query = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
    if (signal) send.signal = signal;
    return v.parse(schema, await pb.send(`/api${path}`, send));
}

/** A page of PocketBase's own lists. */
export const pageOf = <Item extends v.GenericSchema>(item: Item) =>
    v.object({ items: v.array(item), page: v.number(), totalPages: v.number() });

/** For answers without a body. */
export const nothing = v.unknown();

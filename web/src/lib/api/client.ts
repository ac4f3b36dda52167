// The one client of the server. Everything that is asked of it goes through here, and is checked when it comes back.
import * as v from "valibot";

import { auth } from "./auth";

/** The server's clock, as of its last answer: what was changed since is asked by it, not by a phone's. */
let serverTime = 0;

/** The moment of the server's last answer, as it writes times; "" before the first. */
export const serverNow = (): string => (serverTime ? new Date(serverTime).toISOString().replace("T", " ") : "");

/** An answer that says no; status 0 if none came. */
export class Refusal extends Error {
    constructor(
        readonly status: number,
        readonly answer: Record<string, unknown>,
        options?: ErrorOptions,
    ) {
        super(`the answer was ${status}`, options);
    }
}

type Query = Record<string, string | number | boolean | undefined>;
type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
interface Options {
    body?: unknown;
    query?: Query;
    signal?: AbortSignal;
}

/** Asks a route, and checks the answer's shape. */
export async function ask<Schema extends v.GenericSchema>(
    schema: Schema,
    method: Method,
    path: string,
    options: Options = {},
): Promise<v.InferOutput<Schema>> {
    return v.parse(schema, await send(method, path, options));
}

async function send(method: Method, path: string, { body, query, signal }: Options): Promise<unknown> {
    const isForm = body instanceof FormData;
    const request: RequestInit = {
        method,
        headers: {
            ...(auth.token && { Authorization: auth.token }),
            ...(body !== undefined && !isForm && { "Content-Type": "application/json" }),
        },
    };
    if (body !== undefined) request.body = isForm ? body : JSON.stringify(body);
    if (signal) request.signal = signal;
    const response = await fetch(`/api${path}${search(query)}`, request).catch((cause: unknown) => {
        throw new Refusal(0, {}, { cause });
    });
    const date = Date.parse(response.headers.get("date") ?? "");
    if (date > serverTime) serverTime = date;
    const answer: unknown = await response.json().catch(() => ({})); // 204 has none
    if (!response.ok) throw tellRefused(new Refusal(response.status, Object(answer)));
    return answer;
}

let onRefused: (refusal: Refusal) => void = () => undefined;

/** What is to hear of every answer that says no, whoever asked. */
export function listenForRefusals(listener: (refusal: Refusal) => void): void {
    onRefused = listener;
}

function tellRefused(refusal: Refusal): Refusal {
    onRefused(refusal);
    return refusal;
}

function search(query: Query = {}): string {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    if (given.length === 0) return "";
    return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

/** A filter of PocketBase's lists: `name = {:value}`, with the values in it as it takes them. */
export function filter(expression: string, values: Record<string, string>): string {
    return expression.replace(/\{:(\w+)\}/g, (whole, name: string) => {
        const value = values[name];
        return value === undefined ? whole : JSON.stringify(value);
    });
}

/** A page of PocketBase's own lists. */
export const pageOf = <Item extends v.GenericSchema>(item: Item) =>
    v.object({ items: v.array(item), page: v.number(), totalPages: v.number() });

/** For answers without a body. */
export const nothing = v.unknown();

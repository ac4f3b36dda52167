// The only HTTP client. Every request goes through it, and every answer is validated.
import * as v from "valibot";

import { auth } from "./auth";

/** The server's time of its last answer. Requests for later changes use it, because a device's clock may be wrong. */
let serverTime = 0;

/** Returns the server's time of its last answer in the server's format, or "" before the first. */
export const serverNow = (): string => (serverTime ? new Date(serverTime).toISOString().replace("T", " ") : "");

/** A refusal by the server; status 0 if no answer came. */
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

/** Sends a request, and validates the answer. */
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
    const answer: unknown = await response.json().catch(() => ({})); // 204 has no body
    if (!response.ok) throw tellRefused(new Refusal(response.status, Object(answer)));
    return answer;
}

let onRefused: (refusal: Refusal) => void = () => undefined;

/** Sets the listener that is called for every refusal. */
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

/** Builds a filter for PocketBase's lists from an expression such as `name = {:value}`, with the values quoted. */
export function filter(expression: string, values: Record<string, string>): string {
    return expression.replace(/\{:(\w+)\}/g, (whole, name: string) => {
        const value = values[name];
        return value === undefined ? whole : JSON.stringify(value);
    });
}

/** The schema of a page of PocketBase's lists. */
export const pageOf = <Item extends v.GenericSchema>(item: Item) =>
    v.object({ items: v.array(item), page: v.number(), totalPages: v.number() });

/** The schema for answers without a body. */
export const nothing = v.unknown();

// A failure as plain data: it can be stored in IndexedDB, and the service worker reads answers with the same function.

/** A refusal by the server, or a request that got no answer. */
export interface Failure {
    /** 0: no answer came. */
    status: number;
    /** data.policy.code, or the code of the first invalid field, or "". */
    code: string;
    /** The codes of the invalid fields, by name. */
    fields: Record<string, string>;
    /** The server's own sentence. */
    message: string;
    /** Seconds to wait after a rate limit; 0 where the server did not say. */
    wait: number;
}

/** Reads the body of a refusal. */
export function readFailure(status: number, answer: Record<string, unknown>, wait = 0): Failure {
    const { data, message } = answer;
    const fields: Record<string, string> = {};
    for (const [name, value] of Object.entries(isObject(data) ? data : {})) {
        if (isObject(value) && typeof value["code"] === "string") fields[name] = value["code"];
    }
    const code = fields["policy"] ?? Object.values(fields)[0] ?? "";
    return { status, code, fields, message: String(message ?? ""), wait };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

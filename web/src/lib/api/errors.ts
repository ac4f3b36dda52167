// What went wrong, as codes that a catalogue has a sentence for.
import { type Params, t, words } from "../i18n/index.svelte";
import { Refusal } from "./client";
import { type Failure, readFailure } from "./failure";

export type { Failure } from "./failure";

/** Reads any error as a failure. */
export function failure(error: unknown): Failure {
    if (error instanceof Refusal) return readFailure(error.status, error.answer);
    return { status: -1, code: "", fields: {}, message: String(error), wait: 0 };
}

/** Whether it may well go better later without anybody doing anything. */
export const isPassing = (f: Failure) => f.status === 0 || f.status === 429 || f.status >= 500;

/**
 * One sentence for the reader: what went wrong, and what to do. A code of which the catalogue has no sentence is
 * explained in the server's words; some codes have another sentence for a certain field.
 */
export function explain(error: unknown, params?: Params): string {
    const f = "status" in Object(error) && "fields" in Object(error) ? (error as Failure) : failure(error);
    const field = Object.keys(f.fields).find((name) => f.fields[name] === f.code);
    const key = [`error.${field}.${f.code}`, `error.${f.code}`].find((name) => words.has(name));
    if (key) return t(key, params);
    if (f.status === 0) return t("error.offline");
    if (f.status === 404) return t("error.gone");
    if (f.status === 507) return t("error.full");
    if (f.status >= 500) return t("error.server");
    return f.message && f.status > 0 ? f.message : t("error.unknown");
}

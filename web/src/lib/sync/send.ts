// Sends one message of the outbox. It needs only fetch, so that the service worker can use it too.
import { readFailure } from "../api/failure";
import type { Waiting } from "./database";
import type { Outcome } from "./outbox";

/** Sends a message with a token. Never throws: a missing answer is a failure with status 0. */
export async function sendWaiting(entry: Waiting, token: string): Promise<Outcome> {
    try {
        const response = await fetch(`/api/conversations/${entry.conversation}/messages`, {
            method: "POST",
            headers: { Authorization: token, ...(entry.images.length === 0 && { "Content-Type": "application/json" }) },
            body: entry.images.length === 0 ? JSON.stringify(fields(entry)) : form(entry),
            signal: AbortSignal.timeout(60_000),
        });
        const answer = await response.json().catch(() => ({}));
        if (response.ok && answer.message?.id) return { message: answer.message };
        return { failure: readFailure(response.status, Object(answer), wait(response)) };
    } catch (error) {
        return { failure: { status: 0, code: "", fields: {}, message: String(error), wait: 0 } };
    }
}

/** Returns the seconds that the server asks to wait, or 0. */
const wait = (response: Response): number => Number(response.headers.get("Retry-After")) || 0;

function fields(entry: Waiting): Record<string, unknown> {
    return {
        id: entry.id,
        content: entry.content,
        ...(entry.reply_to && { reply_to: entry.reply_to }),
        ...(entry.acknowledge.length > 0 && { acknowledge: entry.acknowledge }),
    };
}

function form(entry: Waiting): FormData {
    const data = new FormData();
    for (const [name, value] of Object.entries(fields(entry))) {
        for (const one of [value].flat()) data.append(name, String(one));
    }
    for (const picture of entry.images) {
        data.append("attachments", picture.blob, picture.name);
        data.append("alt", picture.alt);
    }
    return data;
}

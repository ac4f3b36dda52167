// Members created through the API, which is faster than through the client.
import { readFile } from "node:fs/promises";

import type { Server } from "./server.ts";

export const password = "correct horse battery";

export class Member {
    private constructor(
        readonly server: Server,
        readonly id: string,
        readonly name: string,
        readonly email: string,
        readonly token: string,
        readonly record: Record<string, unknown>,
    ) {}

    /** Registers a member, signs them in and accepts the guidelines. */
    static async join(server: Server, name: string, more: Record<string, unknown> = {}): Promise<Member> {
        const email = `${name.toLowerCase().replace(/\W+/g, ".")}.${Math.random().toString(36).slice(2, 8)}@example.org`;
        const body = { name, email, password, passwordConfirm: password, location: "Riverside", ...more };
        await call(server, "", "POST", "/collections/users/records", body);
        const answer = await call(server, "", "POST", "/collections/users/auth-with-password", {
            identity: email,
            password,
        });
        const member = new Member(server, answer.record.id, name, email, answer.token, answer.record);
        const { guidelines } = await member.call("GET", "/messaging/guidelines");
        await member.call("POST", "/messaging/guidelines/accept", { version: guidelines.version });
        return member;
    }

    /** Sends a request as this member. */
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests read any field
    call(method: string, path: string, body?: unknown): Promise<any> {
        return call(this.server, this.token, method, path, body);
    }

    /** Creates a help request. */
    async asks(title: string, more: Record<string, unknown> = {}): Promise<string> {
        const request = await this.call("POST", "/collections/help_requests/records", {
            title,
            urgency: "normal",
            ...more,
        });
        return request.id;
    }

    /** Offers help with a request, which by default opens the conversation at once. */
    async offers(to: Member, helpRequest: string, text: string): Promise<string> {
        const body = { recipient_id: to.id, help_request_id: helpRequest, initial_message: text };
        return (await this.call("POST", "/conversations", body)).conversation.id;
    }

    async writes(conversation: string, content: string): Promise<{ id: string; seq: number }> {
        return (await this.call("POST", `/conversations/${conversation}/messages`, { content })).message;
    }

    /** Sends a message with a photo and its description. */
    async shows(conversation: string, content: string, picture: string, alt: string): Promise<{ id: string }> {
        const form = new FormData();
        form.set("content", content);
        form.set("alt", alt);
        form.set("attachments", new Blob([await readFile(picture)], { type: "image/png" }), "picture.png");
        return (await this.call("POST", `/conversations/${conversation}/messages`, form)).message;
    }

    /** Edits an own message. */
    async edits(message: string, content: string): Promise<void> {
        await this.call("PATCH", `/collections/messages/records/${message}`, { content });
    }
}

/** Creates a moderator with the command line, under a unique name. */
export async function moderator(server: Server): Promise<Member> {
    const member = await Member.join(server, `Mo ${Math.random().toString(36).slice(2)}`);
    await server.command("moderator", "add", member.email);
    member.record["role"] = "moderator";
    return member;
}

/** Creates two members with a conversation about a help request of the first. */
export async function talk(server: Server, one = "Amara", other = "Ben") {
    const [amara, ben] = await Promise.all([Member.join(server, one), Member.join(server, other)]);
    const help = await amara.asks("Groceries while my foot heals", { urgency: "urgent" });
    const conversation = await ben.offers(amara, help, "I can go on Thursday. When suits you?");
    return { amara, ben, help, conversation };
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests read any field
async function call(server: Server, token: string, method: string, path: string, body?: unknown): Promise<any> {
    const isForm = body instanceof FormData; // fetch sets the content type of a form
    const response = await fetch(`${server.url}/api${path}`, {
        method,
        headers: { ...(!isForm && { "Content-Type": "application/json" }), ...(token && { Authorization: token }) },
        ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return text ? JSON.parse(text) : null;
}

/** Changes settings of PocketBase and the collective, as an operator does in the dashboard. */
export async function operate(server: Server, settings: object, messaging: object = {}): Promise<void> {
    const email = "operator@example.org";
    await server.command("superuser", "upsert", email, password);
    const { token } = await call(server, "", "POST", "/collections/_superusers/auth-with-password", {
        identity: email,
        password,
    });
    await call(server, token, "PATCH", "/settings", settings);
    const records = "/collections/messaging_settings/records";
    const { items } = await call(server, token, "GET", records);
    await call(server, token, "PATCH", `${records}/${items[0].id}`, messaging);
}

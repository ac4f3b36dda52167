// Help requests, and the contact exchanges that may follow.
import * as v from "valibot";

import { ask, filter, nothing, pageOf } from "./client";
import { HelpRequest, Member } from "./schemas";

const records = "/collections/help_requests/records";

/** A help request with its author, as far as the reader may see them. */
export const Posted = v.object({
    ...HelpRequest.entries,
    expand: v.optional(v.object({ user: v.optional(Member) }), {}),
});
export type Posted = v.InferOutput<typeof Posted>;

export type Show = "need" | "offer" | "mine";

/** Returns a page of open requests, newest first; or of the reader's own in any status. */
export function listHelp(show: Show, me: string, urgency: string, page: number) {
    const parts = [
        show === "mine"
            ? filter("user = {:me}", { me })
            : filter("kind = {:show} && (status = 'open' || status = 'in_progress')", { show }),
    ];
    if (urgency) parts.push(filter("urgency = {:urgency}", { urgency }));
    return ask(pageOf(Posted), "GET", records, {
        query: { filter: parts.join(" && "), sort: "-created_at", expand: "user", page, perPage: 20 },
    });
}

export const viewHelp = (id: string) => ask(Posted, "GET", `${records}/${id}`, { query: { expand: "user" } });

/** The fields that the form of a help request sends. */
export interface Help {
    kind: HelpRequest["kind"];
    title: string;
    description: string;
    category: string;
    urgency: HelpRequest["urgency"];
    location: string;
    acknowledge?: string[];
}

export const makeHelp = (body: Help) => ask(HelpRequest, "POST", records, { body });

export const changeHelp = (id: string, body: Partial<Help> | { status: HelpRequest["status"] }) =>
    ask(HelpRequest, "PATCH", `${records}/${id}`, { body });

export const deleteHelp = (id: string) => ask(nothing, "DELETE", `${records}/${id}`);

export const Contact = v.object({
    id: v.string(),
    conversation: v.string(),
    requester: v.string(),
    owner: v.string(),
    type: v.picklist(["phone", "email"]),
    status: v.picklist(["pending", "agreed", "declined", "withdrawn"]),
    value: v.optional(v.string(), ""),
    created_at: v.string(),
    updated_at: v.string(),
});
export type Contact = v.InferOutput<typeof Contact>;

const ContactAnswer = v.object({ contact: Contact });

/** Returns the contact exchanges of a conversation that concern the reader. */
export async function contactsOf(conversation: string): Promise<Contact[]> {
    const ofIt = filter("conversation = {:conversation}", { conversation });
    const query = { filter: ofIt, sort: "-created_at", perPage: 50, skipTotal: true };
    return (
        await ask(v.object({ items: v.array(Contact) }), "GET", "/collections/contact_exchanges/records", { query })
    ).items;
}

export const askForContact = (conversation: string, type: Contact["type"]) =>
    ask(ContactAnswer, "POST", `/conversations/${conversation}/contact`, { body: { type } }).then((a) => a.contact);

export const answerContact = (id: string, answer: "accept" | "decline" | "withdraw") =>
    ask(ContactAnswer, "POST", `/contacts/${id}/${answer}`).then((a) => a.contact);

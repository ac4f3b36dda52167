// Names of conversations and participants.
import type { Conversation } from "../../lib/api/schemas";
import { t } from "../../lib/i18n/index.svelte";
import { session } from "../../lib/session/session.svelte";
import { otherOf } from "../../lib/sync/inbox.svelte";

/** Returns the other participant's name, or the group's title. */
export function titleOf(c: Conversation): string {
    if (c.kind !== "direct") return c.title || t("messages.group");
    return otherOf(c)?.name || t("messages.former");
}

export function nameOf(c: Conversation, member: string): string {
    if (member === session.id) return t("messages.you");
    return c.participants.find((p) => p.id === member)?.name || t("messages.former");
}

/** Returns one line about the last message, for the list. */
export function previewOf(c: Conversation): string {
    const last = c.last_message;
    if (!last) return "";
    if (last.message_type === "system" || last.message_type === "help_request_update")
        return systemText(c, last.content, last);
    if (last.deleted_at) return t("messages.deleted");
    if (last.content === "") return t("messages.withheld");
    const text = last.attachments.length > 0 ? `${t("messages.picture")} ${last.content}` : last.content;
    if (last.sender === session.id) return `${t("messages.you")}: ${text}`;
    return c.kind === "direct" ? text : `${nameOf(c, last.sender)}: ${text}`;
}

/** Returns the text of a system message. */
export function systemText(c: Conversation, content: string, m: { sender: string; message_type: string }): string {
    const name = nameOf(c, m.sender);
    if (m.message_type === "system") {
        return content === "joined" ? t("messages.joined", { name }) : t("messages.left", { name });
    }
    switch (content) {
        case "in_progress":
            return t("messages.request_in_progress");
        case "fulfilled":
            return t("messages.request_fulfilled");
        case "closed":
            return t("messages.request_closed");
        default:
            return t("messages.request_open");
    }
}

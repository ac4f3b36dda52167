// Reporting from a conversation.
import type { Conversation, Message } from "../../lib/api/schemas";
import { reporting } from "../../lib/safety/reporting.svelte";
import type { Thread } from "../../lib/sync/thread.svelte";
import { nameOf } from "./names";

/** Opens the dialog about a message. Once it is reported it is hidden from whoever reported it. */
export function report(message: Message, conversation: Conversation, thread: Thread): void {
    reporting.ask({
        subject: "message",
        id: message.id,
        member: { id: message.sender, name: nameOf(conversation, message.sender) },
        ondone: () => void thread.take({ ...message, content: "", attachments: [] }),
    });
}

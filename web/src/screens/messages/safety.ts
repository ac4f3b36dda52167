// Reports from a conversation.
import type { Conversation, Message } from "../../lib/api/schemas";
import { reporting } from "../../lib/safety/reporting.svelte";
import type { Thread } from "../../lib/sync/thread.svelte";
import { nameOf } from "./names";

/** Opens the report dialog for a message. A reported message is hidden from the person who reported it. */
export function report(message: Message, conversation: Conversation, thread: Thread): void {
    reporting.ask({
        subject: "message",
        id: message.id,
        member: { id: message.sender, name: nameOf(conversation, message.sender) },
        ondone: () => void thread.take({ ...message, content: "", attachments: [] }),
    });
}

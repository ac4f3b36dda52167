// What concerns safety and is opened from a conversation.
import type { Message } from "../../lib/api/schemas";

type Listener = (message: Message) => void;

/** Whoever shows the dialog listens; whoever wants to report a message says so here. */
class Safety {
    #listener: Listener = () => undefined;

    report(message: Message): void {
        this.#listener(message);
    }

    onReport(listener: Listener): () => void {
        this.#listener = listener;
        return () => (this.#listener = () => undefined);
    }
}

export const safety = new Safety();

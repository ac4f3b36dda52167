// Who is typing in a conversation.

/** A member who types sends a signal every few seconds; without one they have stopped. */
const typingLasts = 9_000;

export class Typists {
    all = $state.raw<string[]>([]);
    #timers = new Map<string, ReturnType<typeof setTimeout>>();

    hear(user: string, isTyping: boolean): void {
        clearTimeout(this.#timers.get(user));
        this.#timers.delete(user);
        if (isTyping)
            this.#timers.set(
                user,
                setTimeout(() => this.hear(user, false), typingLasts),
            );
        if (isTyping !== this.all.includes(user)) this.all = [...this.#timers.keys()];
    }

    close(): void {
        for (const timer of this.#timers.values()) clearTimeout(timer);
    }
}

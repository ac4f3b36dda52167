// Sends the typing signal: at once, again every few seconds, and when typing stops.

const again = 4_000;
const over = 5_000;

export class TypingTeller {
    #told = 0;
    #timer: ReturnType<typeof setTimeout> | undefined;

    constructor(private readonly tell: (isTyping: boolean) => Promise<unknown>) {}

    /** The text changed; `some` is false if it is empty now. */
    written(some: boolean): void {
        clearTimeout(this.#timer);
        if (!some) return this.end();
        this.#timer = setTimeout(() => this.end(), over);
        if (Date.now() - this.#told < again) return;
        this.#told = Date.now();
        this.#say(true);
    }

    end(): void {
        clearTimeout(this.#timer);
        if (this.#told === 0) return;
        this.#told = 0;
        this.#say(false);
    }

    #say(isTyping: boolean): void {
        this.tell(isTyping).catch(() => undefined); // a lost signal does not matter
    }
}

// When to ask anew what the account may do: a moderator's role comes and goes while somebody is signed in.

/** How long to wait between two questions: whoever changes tabs quickly asks once. */
const pause = 15_000;

/** Asks at once, or as soon as the pause since the last question is over; many wishes meanwhile are one. */
export class Recheck {
    #ask: () => Promise<void>;
    #asked: number;
    #timer: ReturnType<typeof setTimeout> | undefined;

    constructor(ask: () => Promise<void>) {
        this.#ask = ask;
        this.#asked = Date.now(); // the start has asked
    }

    /** There is reason to ask. */
    wish(): void {
        if (this.#timer !== undefined) return;
        const wait = Math.max(0, this.#asked + pause - Date.now());
        this.#timer = setTimeout(() => void this.#now(), wait);
    }

    /** Nobody is signed in any more. */
    end(): void {
        clearTimeout(this.#timer);
        this.#timer = undefined;
    }

    async #now(): Promise<void> {
        this.#timer = undefined;
        this.#asked = Date.now();
        await this.#ask();
    }
}

// Checks again what the account may do, because a moderator's role can change while they are signed in.

/** The minimum time between two checks, so that switching tabs quickly causes only one. */
const pause = 15_000;

/** Checks at once, or as soon as the pause since the last check is over. Requests meanwhile are combined into one. */
export class Recheck {
    #ask: () => Promise<void>;
    #asked: number;
    #timer: ReturnType<typeof setTimeout> | undefined;

    constructor(ask: () => Promise<void>) {
        this.#ask = ask;
        this.#asked = Date.now(); // the start of the client was a check
    }

    /** Requests a check. */
    request(): void {
        if (this.#timer !== undefined) return;
        const wait = Math.max(0, this.#asked + pause - Date.now());
        this.#timer = setTimeout(() => void this.#now(), wait);
    }

    /** The member signed out. */
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

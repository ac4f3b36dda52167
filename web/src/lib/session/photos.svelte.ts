// Photos of members. Only members may see them, so they are fetched with a token and shown from memory.
import { SvelteMap } from "svelte/reactivity";

import { fileToken, photoAddress } from "../api/notifications";
import { session } from "./session.svelte";

/** The server's file token is valid for a few minutes. */
const tokenLasts = 90_000;

class Photos {
    #addresses = new SvelteMap<string, string>();
    #asked = new Set<string>();
    #token: { made: number; value: Promise<string> } | null = null;

    constructor() {
        session.onEnd(() => this.forget());
    }

    /** Returns the URL of a member's photo, or "" while it is loading or if there is none. */
    of(member: string, name: string): string {
        if (!name || !session.account) return "";
        return this.#addresses.get(`${member}/${name}`) ?? "";
    }

    /** Fetches a photo that is not loaded yet. */
    async want(member: string, name: string): Promise<void> {
        const key = `${member}/${name}`;
        if (!name || this.#asked.has(key)) return;
        this.#asked.add(key);
        try {
            const response = await fetch(photoAddress(member, name, await this.#pass()));
            if (!response.ok) return;
            const address = URL.createObjectURL(await response.blob());
            if (this.#asked.has(key)) this.#addresses.set(key, address);
            else URL.revokeObjectURL(address);
        } catch {
            this.#asked.delete(key); // offline: the initials are shown, and the next view tries again
        }
    }

    forget(): void {
        for (const address of this.#addresses.values()) URL.revokeObjectURL(address);
        this.#addresses.clear();
        this.#asked.clear();
        this.#token = null;
    }

    #pass(): Promise<string> {
        if (!this.#token || Date.now() - this.#token.made > tokenLasts) {
            this.#token = { made: Date.now(), value: fileToken() };
        }
        return this.#token.value;
    }
}

export const photos = new Photos();

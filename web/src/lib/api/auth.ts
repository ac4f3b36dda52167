// The token and account of this browser. Stored in the format of the official SDK, which is only loaded with the stream.

export type AccountRecord = { id: string } & Record<string, unknown>;
type Listener = (token: string) => void;

const place = "pocketbase_auth";

export class Auth {
    #token = "";
    #record: AccountRecord | null = null;
    #listeners = new Set<Listener>();

    constructor() {
        this.#read();
        // Another tab signed in or out, or renewed the token.
        addEventListener("storage", (event) => {
            if (event.key !== place && event.key !== null) return;
            this.#read();
            this.#tell();
        });
    }

    get token(): string {
        return this.#token;
    }

    get record(): AccountRecord | null {
        return this.#record;
    }

    /** Whether there is a token that has not expired. */
    get isValid(): boolean {
        return expiry(this.#token) > Date.now();
    }

    save(token: string, record: AccountRecord): void {
        [this.#token, this.#record] = [token, record];
        localStorage.setItem(place, JSON.stringify({ token, record }));
        this.#tell();
    }

    clear(): void {
        [this.#token, this.#record] = ["", null];
        localStorage.removeItem(place);
        this.#tell();
    }

    onChange(listener: Listener): void {
        this.#listeners.add(listener);
    }

    #read(): void {
        const kept = parse(localStorage.getItem(place) ?? "{}");
        this.#token = typeof kept["token"] === "string" ? kept["token"] : "";
        this.#record = (kept["record"] as AccountRecord | undefined) ?? null;
    }

    #tell(): void {
        for (const listener of this.#listeners) listener(this.#token);
    }
}

/** Returns when a token expires, in milliseconds; 0 for an invalid token. */
function expiry(token: string): number {
    const payload = token.split(".")[1]?.replace(/-/g, "+").replace(/_/g, "/") ?? "";
    try {
        return Number(parse(atob(payload))["exp"] ?? 0) * 1000;
    } catch {
        return 0;
    }
}

function parse(text: string): Record<string, unknown> {
    try {
        return Object(JSON.parse(text));
    } catch {
        return {};
    }
}

export const auth = new Auth();

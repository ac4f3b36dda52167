// As whom this browser asks. Kept where and as the official SDK keeps it, which is fetched with the stream alone.

export type AccountRecord = { id: string } & Record<string, unknown>;
type Listener = (token: string) => void;

const place = "pocketbase_auth";

export class Auth {
    #token = "";
    #record: AccountRecord | null = null;
    #listeners = new Set<Listener>();

    constructor() {
        this.#read();
        // Another tab has signed in or out, or has a newer token.
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

    /** There is a token, and its time is not over. */
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

/** When a token ends, in milliseconds; 0 for what is none. */
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

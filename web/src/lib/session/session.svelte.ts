// The signed-in account. The token is kept by api/auth.
import * as accounts from "../api/accounts";
import { auth } from "../api/auth";
import { failure } from "../api/errors";
import type { Account } from "../api/schemas";

type Listener = () => void | Promise<void>;

class Session {
    account = $state.raw<Account | null>(auth.isValid ? (auth.record as unknown as Account) : null);
    /** Whether the first run is still to be completed. */
    guidelinesDue = $state(false);

    #starts: Listener[] = [];
    #ends: Listener[] = [];

    get id(): string {
        return this.account?.id ?? "";
    }

    get isModerator(): boolean {
        return this.account?.role === "moderator";
    }

    /** Calls the listener when a member is signed in: now or later. */
    onStart(listener: Listener): void {
        this.#starts.push(listener);
        if (this.account) void listener();
    }

    /** Calls the listener before a sign-out, and waits for it. */
    onEnd(listener: Listener): void {
        this.#ends.push(listener);
    }

    async signIn(email: string, password: string): Promise<void> {
        this.account = await accounts.signIn(email, password);
        await this.checkGuidelines();
        await this.#begin();
    }

    /** Checks the token, at the start and from time to time. A refused token ends the session; a missing answer does not. */
    async renew(): Promise<void> {
        if (!this.account) return;
        try {
            const account = await accounts.refresh();
            if (!account || !this.account) return;
            this.account = account;
            await this.checkGuidelines();
        } catch (error) {
            const { status } = failure(error);
            if (status === 401 || status === 404) await this.signOut();
        }
    }

    async checkGuidelines(): Promise<void> {
        try {
            const { version, accepted_version } = await accounts.guidelines();
            this.guidelinesDue = accepted_version < version;
        } catch {
            // Tried again at the next start.
        }
    }

    /** Removes the account and all its data from this device. */
    async signOut(): Promise<void> {
        await Promise.allSettled(this.#ends.map((end) => end()));
        auth.clear();
        this.account = null;
    }

    /** Updates the account after a change in this tab or another. */
    update(account: Account): void {
        this.account = account;
        auth.save(auth.token, { ...auth.record!, ...account });
    }

    async #begin(): Promise<void> {
        await Promise.allSettled(this.#starts.map((start) => start()));
    }
}

export const session = new Session();

// Who is signed in. The token lives in the SDK's store; this is the account beside it.
import * as accounts from "../api/accounts";
import { auth } from "../api/auth";
import { failure } from "../api/errors";
import type { Account } from "../api/schemas";

type Listener = () => void | Promise<void>;

class Session {
    account = $state.raw<Account | null>(auth.isValid ? (auth.record as unknown as Account) : null);
    /** Set until the first-run has been gone through. */
    guidelinesDue = $state(false);

    #starts: Listener[] = [];
    #ends: Listener[] = [];

    get id(): string {
        return this.account?.id ?? "";
    }

    get isModerator(): boolean {
        return this.account?.role === "moderator";
    }

    /** What is to happen when somebody is signed in: now, or later. */
    onStart(listener: Listener): void {
        this.#starts.push(listener);
        if (this.account) void listener();
    }

    /** What is to happen before the account is gone; it is waited for. */
    onEnd(listener: Listener): void {
        this.#ends.push(listener);
    }

    async signIn(email: string, password: string): Promise<void> {
        this.account = await accounts.signIn(email, password);
        await this.checkGuidelines();
        await this.#begin();
    }

    /** At the start, and now and then: a token that the server no longer takes ends the session; no answer ends nothing. */
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
            // It is asked again at the next start.
        }
    }

    /** Forgets the account on this device, and everything that was kept for it. */
    async signOut(): Promise<void> {
        await Promise.allSettled(this.#ends.map((end) => end()));
        auth.clear();
        this.account = null;
    }

    /** Takes over what the account has become, here or in another tab. */
    update(account: Account): void {
        this.account = account;
        auth.save(auth.token, { ...auth.record!, ...account });
    }

    async #begin(): Promise<void> {
        await Promise.allSettled(this.#starts.map((start) => start()));
    }
}

export const session = new Session();

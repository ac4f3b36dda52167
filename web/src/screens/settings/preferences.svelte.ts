// The reader's preferences while they are on the screen. Each change is saved at once, and undone if that fails.
import * as accounts from "../../lib/api/accounts";
import { explain } from "../../lib/api/errors";
import type { Preferences } from "../../lib/api/schemas";
import { Attempt } from "../../lib/attempt.svelte";
import { t } from "../../lib/i18n/index.svelte";
import { toasts } from "../../lib/ui/toasts.svelte";

export class Prefs {
    it = $state<Preferences | null>(null);
    readonly loading = new Attempt();
    #last: Promise<unknown> = Promise.resolve();
    #waiting = 0;

    async load(): Promise<void> {
        await this.loading.run(async () => (this.it = await accounts.preferences()));
    }

    /** Saves changes one after the other, so that quick changes on a slow connection are not lost. */
    async change(changes: Partial<Preferences>): Promise<void> {
        const before = this.it;
        if (!before) return;
        this.it = { ...before, ...changes };
        this.#waiting++;
        const saving = this.#last.then(() => accounts.changePreferences(changes));
        this.#last = saving.catch(() => undefined);
        try {
            const saved = await saving;
            if (this.#waiting === 1) this.it = saved; // otherwise the answer lacks later changes
            toasts.show(t("settings.saved"));
        } catch (error) {
            this.it = { ...this.it!, ...pick(before, changes) };
            toasts.show(explain(error), { look: "danger" });
        } finally {
            this.#waiting--;
        }
    }
}

/** Returns the earlier values of the changed fields. */
const pick = (from: Preferences, changes: Partial<Preferences>): Partial<Preferences> =>
    Object.fromEntries(Object.keys(changes).map((key) => [key, from[key as keyof Preferences]]));

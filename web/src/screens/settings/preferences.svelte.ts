// One's preferences while they are on the screen: each change is saved at once, and taken back if that fails.
import * as accounts from "../../lib/api/accounts";
import { explain } from "../../lib/api/errors";
import type { Preferences } from "../../lib/api/schemas";
import { t } from "../../lib/i18n/index.svelte";
import { toasts } from "../../lib/ui/toasts.svelte";

export class Prefs {
    it = $state<Preferences | null>(null);
    wrong = $state("");

    async load(): Promise<void> {
        this.wrong = "";
        try {
            this.it = await accounts.preferences();
        } catch (error) {
            this.wrong = explain(error);
        }
    }

    /** Saves some of them. */
    async change(changes: Partial<Preferences>): Promise<void> {
        const before = this.it;
        if (!before) return;
        this.it = { ...before, ...changes };
        try {
            this.it = await accounts.changePreferences(changes);
            toasts.show(t("settings.saved"));
        } catch (error) {
            this.it = before;
            toasts.show(explain(error), { look: "danger" });
        }
    }
}

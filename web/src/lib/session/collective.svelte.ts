// The collective's name, logo and accent from the server. The last known ones are used while offline.
import { collective as fetchCollective } from "../api/accounts";
import type { Collective } from "../api/schemas";

const place = "cc.collective";

const plain: Collective = {
    name: "Care Collective",
    accent: "",
    logo: "",
    registration: "open",
    edit_window_seconds: 900,
};

class Branding {
    it = $state.raw<Collective>(plain);

    constructor() {
        try {
            const kept = localStorage.getItem(place);
            if (kept) this.it = { ...plain, ...JSON.parse(kept) };
        } catch {
            // Without storage the default is used until the server answers.
        }
        void this.wear();
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => void this.wear());
    }

    async renew(): Promise<void> {
        try {
            this.it = await fetchCollective();
            localStorage.setItem(place, JSON.stringify(this.it));
            void this.wear();
        } catch {
            // Offline: the last known value stays.
        }
    }

    /** Applies the accent in shades that are readable in the current theme. */
    async wear(): Promise<void> {
        const { style, dataset } = document.documentElement;
        if (!/^#[0-9a-f]{6}$/i.test(this.it.accent)) return;
        const { accentTokens } = await import("./accent");
        const dark = dataset["theme"] === "dark";
        for (const [name, colour] of Object.entries(accentTokens(this.it.accent, dark))) {
            style.setProperty(`--${name}`, colour);
        }
    }
}

export const collective = new Branding();

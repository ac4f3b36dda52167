// The reader's own restrictions: loaded at the start, and when a notification says that they changed.
import type { News } from "../sync/bus";
import { sync } from "../sync/sync.svelte";

const tells = ["penalty", "penalty_lifted", "appeal_decided"];

class OwnStanding {
    /** none, limited, suspended or banned. */
    level = $state("none");

    /** Loads the standing and listens for changes. Returns a function that stops listening. */
    start(): () => void {
        void this.ask();
        const stop = sync.listen((news) => this.#hear(news));
        return () => {
            stop();
            this.level = "none";
        };
    }

    async ask(): Promise<void> {
        try {
            const { standing } = await import("../api/safety"); // loaded after the first screen, to keep that small
            this.level = (await standing()).level;
        } catch {
            // Offline: the last known value stays.
        }
    }

    #hear(news: News): void {
        if (news.type !== "event" || news.topic !== "notifications/*") return;
        if (tells.includes((news.data.record as { type?: string }).type ?? "")) void this.ask();
    }
}

export const ownStanding = new OwnStanding();

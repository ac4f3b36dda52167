// Whether the moderators have restricted oneself: asked for at the start, and when a notification says that it has changed.
import type { News } from "../sync/bus";
import { sync } from "../sync/sync.svelte";

const tells = ["penalty", "penalty_lifted", "appeal_decided"];

class OwnStanding {
    /** none, limited, suspended or banned. */
    level = $state("none");

    /** Asks, and listens. Returns how to stop. */
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
            const { standing } = await import("../api/safety"); // after the first screen, so that it costs nothing there
            this.level = (await standing()).level;
        } catch {
            // Offline: the last known one stays.
        }
    }

    #hear(news: News): void {
        if (news.type !== "event" || news.topic !== "notifications/*") return;
        if (tells.includes((news.data.record as { type?: string }).type ?? "")) void this.ask();
    }
}

export const ownStanding = new OwnStanding();

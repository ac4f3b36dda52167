// Leaving quickly: the screen is cleared at once, a harmless page takes its place, and "back" does not bring ours again.
import { look } from "../session/look.svelte";

const place = "cc.left";

/** Where one can land. The first is the one that is taken unless another is chosen. */
export const shelters = {
    wikipedia: "https://www.wikipedia.org/",
    weather: "https://www.weather.gov/",
    openstreetmap: "https://www.openstreetmap.org/",
} as const;

export type Shelter = keyof typeof shelters;

export function leaveQuickly(): void {
    document.documentElement.hidden = true;
    document.title = "";
    document.body.replaceChildren();
    try {
        sessionStorage.setItem(place, "1");
    } catch {
        // Without storage "back" may show the last screen.
    }
    go();
}

function go(): void {
    location.replace(shelters[look.it.shelter] ?? shelters.wikipedia);
}

/**
 * Keeps the screen empty for whoever comes by "back" or "forward" to where somebody has just left. True if it is so.
 * Who opens the address anew is meant to see it.
 */
export function hasLeft(): boolean {
    try {
        if (!sessionStorage.getItem(place)) return false;
        const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
        if (navigation?.type === "back_forward") {
            go();
            return true;
        }
        sessionStorage.removeItem(place);
    } catch {
        // Without storage nothing is known.
    }
    return false;
}

/** Two times Escape within this time, in milliseconds, is leaving. */
const apart = 700;

/** Listens for Escape twice, whatever has the focus. Returns how to stop. */
export function listenForEscape(leave: () => void = leaveQuickly): () => void {
    let last = -Infinity;
    const pressed = (event: KeyboardEvent) => {
        if (event.key !== "Escape") last = -Infinity;
        else if (!event.repeat && event.timeStamp - last < apart) leave();
        else if (!event.repeat) last = event.timeStamp;
    };
    const restored = (event: PageTransitionEvent) => {
        if (event.persisted && sessionStorage.getItem(place)) go();
    };
    addEventListener("keydown", pressed, true);
    addEventListener("pageshow", restored);
    return () => {
        removeEventListener("keydown", pressed, true);
        removeEventListener("pageshow", restored);
    };
}

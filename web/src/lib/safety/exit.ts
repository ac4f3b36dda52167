// Quick exit: clears the screen, opens a harmless page, and keeps "back" from showing the client again.
import { look } from "../session/look.svelte";

const place = "cc.left";

/** The pages that the quick exit can open. The first is the default. */
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
        // Without storage, "back" may show the last screen.
    }
    go();
}

function go(): void {
    location.replace(shelters[look.it.shelter] ?? shelters.wikipedia);
}

/**
 * Keeps the screen empty after a quick exit when the page is opened by "back" or "forward". Reports whether it did.
 * Opening the address again shows the client.
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
        // Without storage there is no record of an exit.
    }
    return false;
}

/** Pressing Escape twice within this many milliseconds is a quick exit. */
const apart = 700;

/** Listens for Escape twice, regardless of the focus. Returns a function that stops listening. */
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

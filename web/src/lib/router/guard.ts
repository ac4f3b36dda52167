// Redirects to the right screen for the reader's state.
import { session } from "../session/session.svelte";
import type { Route } from "./router.svelte";

/** Returns where to redirect the reader, or null if they may see the route. */
export function guard(route: Route): string | null {
    if (route.access === "anyone") return null;
    if (!session.account) return route.access === "guest" ? null : signInAndReturn();
    if (session.guidelinesDue && route.path !== "/welcome") return "/welcome";
    if (route.access === "guest") return wanted() ?? "/messages";
    if (route.access === "moderator" && !session.isModerator) return "/messages";
    return null;
}

function signInAndReturn(): string {
    const { pathname, search } = location;
    return pathname === "/" ? "/signin" : `/signin?to=${encodeURIComponent(pathname + search)}`;
}

/** Returns where the reader wanted to go before they had to sign in. Only paths of the client are accepted. */
function wanted(): string | null {
    const to = new URLSearchParams(location.search).get("to");
    return to && /^\/(?![/\\])/.test(to) ? to : null;
}

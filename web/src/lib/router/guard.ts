// Who is sent where instead.
import { session } from "../session/session.svelte";
import type { Route } from "./router.svelte";

/** Where the reader is sent if the route is not for them; null if it is. */
export function guard(route: Route): string | null {
    if (route.access === "anyone") return null;
    if (!session.account) return route.access === "guest" ? null : signInAndReturn();
    if (session.guidelinesDue && route.path !== "/welcome") return "/welcome";
    if (route.access === "guest") return wished() ?? "/messages";
    if (route.access === "moderator" && !session.isModerator) return "/messages";
    return null;
}

function signInAndReturn(): string {
    const { pathname, search } = location;
    return pathname === "/" ? "/signin" : `/signin?to=${encodeURIComponent(pathname + search)}`;
}

/** Where somebody wanted to go before they had to sign in: an address of ours, never another host's. */
function wished(): string | null {
    const to = new URLSearchParams(location.search).get("to");
    return to && /^\/(?![/\\])/.test(to) ? to : null;
}

// Starts and stops the background work with the session.
import { auth } from "../api/auth";
import { listenForRefusals } from "../api/client";
import { failure } from "../api/errors";
import { router } from "../router/router.svelte";
import { Recheck } from "../session/recheck";
import { session } from "../session/session.svelte";
import type { News } from "./bus";
import { savePass } from "./database";
import { inbox } from "./inbox.svelte";
import { sync } from "./sync.svelte";

export function startSync(): void {
    sync.listen((news) => inbox.hear(news));
    session.onStart(async () => {
        await sync.start();
        await inbox.open();
    });
    session.onEnd(async () => {
        await sync.stop();
        inbox.close();
    });
    keepRole();
    auth.onChange((token) => {
        if (token && session.account) void savePass({ user: session.id, token });
        else if (!token && session.account) void leave();
    });
}

/**
 * A member can become a moderator, or stop being one, while signed in. It is checked when they return to the tab, when the
 * stream reconnects, and when the server notifies them of a case or refuses them one.
 */
function keepRole(): void {
    const recheck = new Recheck(async () => {
        const role = session.account?.role;
        await session.renew();
        if (session.account?.role !== role) router.again();
    });
    let wasLive = false;
    let broken = false; // since the stream was last connected
    sync.listen((news) => {
        if (news.type === "link") {
            if (news.state === "live" && broken) recheck.request();
            wasLive ||= news.state === "live";
            broken = news.state !== "live" && (broken || wasLive || news.state === "offline");
        } else if (isCase(news) && !session.isModerator) recheck.request();
    });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && recheck.request());
    listenForRefusals((refusal) => {
        if (session.isModerator && failure(refusal).code === "moderators_only") recheck.request();
    });
    session.onEnd(() => recheck.end());
}

const isCase = (news: News): boolean =>
    news.type === "event" &&
    news.topic === "notifications/*" &&
    (news.data.record as { type?: string }).type === "moderation_case";

/** Another tab signed out. */
async function leave(): Promise<void> {
    await session.signOut();
    router.again();
}

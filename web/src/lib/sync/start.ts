// Binds everything that runs beside the screens to the session.
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
 * Somebody becomes a moderator, or is one no more, while they are signed in: it is asked for when they come back to the tab,
 * when the stream does, and when the server tells them of a case or refuses them one.
 */
function keepRole(): void {
    const recheck = new Recheck(async () => {
        const role = session.account?.role;
        await session.renew();
        if (session.account?.role !== role) router.again();
    });
    let wasLive = false;
    let broken = false; // since the stream last came through
    sync.listen((news) => {
        if (news.type === "link") {
            if (news.state === "live" && broken) recheck.wish();
            wasLive ||= news.state === "live";
            broken = news.state !== "live" && (broken || wasLive || news.state === "offline");
        } else if (isCase(news) && !session.isModerator) recheck.wish();
    });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && recheck.wish());
    listenForRefusals((refusal) => {
        if (session.isModerator && failure(refusal).code === "moderators_only") recheck.wish();
    });
    session.onEnd(() => recheck.end());
}

const isCase = (news: News): boolean =>
    news.type === "event" &&
    news.topic === "notifications/*" &&
    (news.data.record as { type?: string }).type === "moderation_case";

/** Another tab has signed out. */
async function leave(): Promise<void> {
    await session.signOut();
    router.again();
}

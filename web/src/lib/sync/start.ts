// Binds everything that runs beside the screens to the session.
import { auth } from "../api/auth";
import { router } from "../router/router.svelte";
import { session } from "../session/session.svelte";
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
    auth.onChange((token) => {
        if (token && session.account) void savePass({ user: session.id, token });
        else if (!token && session.account) void leave();
    });
}

/** Another tab has signed out. */
async function leave(): Promise<void> {
    await session.signOut();
    router.again();
}

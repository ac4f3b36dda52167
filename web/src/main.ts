import "./styles/tokens.css";
import "./styles/base.css";

import { mount } from "svelte";

import App from "./App.svelte";
import { choose, words } from "./lib/i18n/index.svelte";
import { guard } from "./lib/router/guard";
import { router } from "./lib/router/router.svelte";
import { hasLeft } from "./lib/safety/exit";
import { collective } from "./lib/session/collective.svelte";
import { agreeOnLanguage } from "./lib/session/language";
import { look } from "./lib/session/look.svelte";
import { session } from "./lib/session/session.svelte";
import { startSync } from "./lib/sync/start";
import { registerWorker } from "./lib/update";
import { routes } from "./routes";

async function start() {
    await words.use(choose([look.it.lang, session.account?.language ?? "", ...navigator.languages]));
    await words.load("core");
    session.onStart(agreeOnLanguage);
    startSync();
    router.start(routes, guard);
    mount(App, { target: document.getElementById("app")! });
    void collective.renew();
    void registerWorker();
    await session.renew();
    router.again();
}

if (!hasLeft()) void start();

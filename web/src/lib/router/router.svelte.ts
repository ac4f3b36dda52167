// A small router on the History API. Screens are loaded when they are first shown.
import type { Component } from "svelte";

import { type Area, type Key, words } from "../i18n/index.svelte";
import { match, type Params } from "./match";

/** Who may see a screen. Everyone else is redirected. */
export type Access = "guest" | "member" | "moderator" | "anyone";

export interface Route {
    path: string;
    access: Access;
    /** The catalogue key of the page title. */
    title: Key;
    /** The catalogue areas that the screen needs in addition to the core. */
    areas?: Area[];
    /** The current entry of the navigation. */
    tab?: "messages" | "requests" | "notifications" | "me" | "moderation";
    /** Uses the full height with its own header; the bar is hidden on a phone. */
    immersive?: boolean;
    load: () => Promise<{ default: Component<never> }>;
}

/** The current screen. */
export interface Shown {
    route: Route;
    params: Params;
    screen: Component<{ params: Params }>;
}

type Guard = (route: Route) => string | null;

class Router {
    path = $state(location.pathname);
    query = $state(new URLSearchParams(location.search));
    shown = $state.raw<Shown | null>(null);
    /** The screen could not be loaded: the device is offline, or there is a new version. */
    failed = $state(false);
    /** The number of screen changes. The shell moves the focus when it changes. */
    turns = $state(0);

    #routes: Route[] = [];
    #guard: Guard = () => null;

    start(routes: Route[], guard: Guard): void {
        this.#routes = routes;
        this.#guard = guard;
        addEventListener("popstate", () => void this.#show());
        document.addEventListener("click", (event) => this.#follow(event));
        void this.#show();
    }

    /** Navigates to a path of the client. */
    go(to: string, { replace = false } = {}): void {
        if (replace) history.replaceState(history.state, "", to);
        else history.pushState({ inside: true }, "", to);
        void this.#show();
    }

    /** Goes back, or to `otherwise` if the client was opened here. */
    back(otherwise: string): void {
        if (history.state?.inside) history.back();
        else this.go(otherwise, { replace: true });
    }

    /** Evaluates the current address again, for example after signing in or out. */
    again(): void {
        void this.#show();
    }

    async #show(): Promise<void> {
        const path = location.pathname;
        const found = this.#find(path);
        const elsewhere = this.#guard(found.route);
        if (elsewhere !== null && elsewhere !== path) return this.go(elsewhere, { replace: true });
        try {
            const [module] = await Promise.all([found.route.load(), words.load(...(found.route.areas ?? []))]);
            if (path !== location.pathname) return; // the reader navigated again meanwhile
            const screen = module.default as unknown as Component<{ params: Params }>;
            const same = this.shown?.screen === screen;
            this.failed = false;
            this.path = path;
            this.query = new URLSearchParams(location.search);
            this.shown = { ...found, screen };
            if (!same || this.shown.route.path !== found.route.path) this.turns++;
        } catch (error) {
            console.error("a screen could not be fetched", error);
            this.failed = true;
        }
    }

    #find(path: string): { route: Route; params: Params } {
        for (const route of this.#routes) {
            const params = match(route.path, path);
            if (params) return { route, params };
        }
        return { route: this.#routes.at(-1)!, params: {} };
    }

    /** Handles plain clicks on the client's links. The browser handles all others. */
    #follow(event: MouseEvent): void {
        if (event.defaultPrevented || event.button !== 0) return;
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        const link = (event.target as Element | null)?.closest("a");
        if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
        if (link.pathname.startsWith("/api/") || link.pathname.startsWith("/_/") || link.hash) return;
        event.preventDefault();
        if (link.href !== location.href) this.go(link.pathname + link.search);
    }
}

export const router = new Router();

// A small router over the History API. Screens are fetched when they are first shown.
import type { Component } from "svelte";

import { type Area, type Key, words } from "../i18n/index.svelte";
import { match, type Params } from "./match";

/** Who may see a screen. Everybody else is sent where they can go on. */
export type Access = "guest" | "member" | "moderator" | "anyone";

export interface Route {
    path: string;
    access: Access;
    /** The title of the page, as a key of a catalogue. */
    title: Key;
    /** The areas of the catalogues that the screen needs beside the core. */
    areas?: Area[];
    /** The entry of the bar that is marked. */
    tab?: "messages" | "requests" | "notifications" | "me" | "moderation";
    /** Fills the whole height and brings its own header; the bar is hidden on a phone. */
    immersive?: boolean;
    load: () => Promise<{ default: Component<never> }>;
}

/** What is on the screen. */
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
    /** The screen could not be fetched: offline, or a new version has taken its place. */
    failed = $state(false);
    /** Counts the changes of screen; the shell moves the focus when it changes. */
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

    /** Goes to an address of the client. */
    go(to: string, { replace = false } = {}): void {
        if (replace) history.replaceState(history.state, "", to);
        else history.pushState({ inside: true }, "", to);
        void this.#show();
    }

    /** Back where one came from, or to `otherwise` if the client was opened here. */
    back(otherwise: string): void {
        if (history.state?.inside) history.back();
        else this.go(otherwise, { replace: true });
    }

    /** Judges the address again, for instance after signing in or out. */
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
            if (path !== location.pathname) return; // somebody was faster
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

    /** A plain click on a link of ours changes the screen; all else is the browser's. */
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

// Every address of the client. The first that matches is taken; the last is for all that is unknown.
import type { Route } from "./lib/router/router.svelte";

const messages: Omit<Route, "path"> = {
    access: "member",
    title: "messages.title",
    areas: ["messages"],
    tab: "messages",
    load: () => import("./screens/messages/Messages.svelte"),
};

export const routes: Route[] = [
    {
        path: "/",
        access: "guest",
        title: "auth.sign_in",
        areas: ["auth"],
        load: () => import("./screens/auth/SignIn.svelte"),
    },
    {
        path: "/signin",
        access: "guest",
        title: "auth.sign_in",
        areas: ["auth"],
        load: () => import("./screens/auth/SignIn.svelte"),
    },
    {
        path: "/register",
        access: "guest",
        title: "auth.register",
        areas: ["auth"],
        load: () => import("./screens/auth/Register.svelte"),
    },
    {
        path: "/forgot",
        access: "guest",
        title: "auth.forgot_title",
        areas: ["auth"],
        load: () => import("./screens/auth/Forgot.svelte"),
    },
    {
        path: "/auth/confirm-verification/:token",
        access: "anyone",
        title: "auth.verify_title",
        areas: ["auth"],
        load: () => import("./screens/auth/Verify.svelte"),
    },
    {
        path: "/auth/confirm-password-reset/:token",
        access: "anyone",
        title: "auth.reset_title",
        areas: ["auth"],
        load: () => import("./screens/auth/Reset.svelte"),
    },
    {
        path: "/auth/confirm-email-change/:token",
        access: "anyone",
        title: "auth.change_title",
        areas: ["auth"],
        load: () => import("./screens/auth/ConfirmEmail.svelte"),
    },
    {
        path: "/welcome",
        access: "member",
        title: "auth.welcome_title",
        areas: ["auth"],
        immersive: true,
        load: () => import("./screens/auth/Welcome.svelte"),
    },

    { ...messages, path: "/messages" },
    { ...messages, path: "/messages/requests" },
    { ...messages, path: "/messages/:id", immersive: true },

    { path: "/*", access: "anyone", title: "core.not_found", load: () => import("./screens/NotFound.svelte") },
];

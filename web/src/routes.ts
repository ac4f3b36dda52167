// All routes of the client. The first match wins; the last route is for unknown addresses.
import type { Route } from "./lib/router/router.svelte";

const messages: Omit<Route, "path"> = {
    access: "member",
    title: "messages.title",
    areas: ["messages"],
    tab: "messages",
    load: () => import("./screens/messages/Messages.svelte"),
};

const helpForm: Omit<Route, "path" | "title"> = {
    access: "member",
    areas: ["help"],
    tab: "requests",
    load: () => import("./screens/help/HelpForm.svelte"),
};

const me: Omit<Route, "path" | "title" | "load"> = { access: "member", areas: ["settings", "safety"], tab: "me" };

const moderation: Omit<Route, "path" | "title" | "load"> = {
    access: "moderator",
    areas: ["moderation", "safety"],
    tab: "moderation",
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
        path: "/confirm",
        access: "guest",
        title: "auth.resend_title",
        areas: ["auth"],
        load: () => import("./screens/auth/Resend.svelte"),
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
    { ...messages, path: "/messages/archived" },
    {
        path: "/messages/new",
        access: "member",
        title: "messages.new_group",
        areas: ["messages"],
        tab: "messages",
        load: () => import("./screens/messages/NewGroup.svelte"),
    },
    {
        path: "/messages/search",
        access: "member",
        title: "messages.search",
        areas: ["messages"],
        tab: "messages",
        load: () => import("./screens/messages/Search.svelte"),
    },
    { ...messages, path: "/messages/:id", immersive: true },

    {
        path: "/requests",
        access: "member",
        title: "help.title",
        areas: ["help"],
        tab: "requests",
        load: () => import("./screens/help/HelpList.svelte"),
    },
    { ...helpForm, path: "/requests/new", title: "help.new_title" },
    {
        path: "/requests/:id",
        access: "member",
        title: "help.one",
        areas: ["help", "notifications"],
        tab: "requests",
        load: () => import("./screens/help/HelpView.svelte"),
    },
    { ...helpForm, path: "/requests/:id/edit", title: "help.edit_title" },
    {
        path: "/messages/:id/contact",
        access: "member",
        title: "help.contact",
        areas: ["help"],
        tab: "messages",
        load: () => import("./screens/help/ContactExchange.svelte"),
    },
    {
        path: "/members/:id",
        access: "member",
        title: "safety.member",
        areas: ["safety"],
        load: () => import("./screens/members/MemberView.svelte"),
    },
    {
        path: "/notifications",
        access: "member",
        title: "notifications.title",
        areas: ["notifications"],
        tab: "notifications",
        load: () => import("./screens/notifications/Notifications.svelte"),
    },

    { ...me, path: "/settings", title: "settings.title", load: () => import("./screens/settings/Settings.svelte") },
    {
        ...me,
        path: "/settings/profile",
        title: "settings.profile",
        load: () => import("./screens/settings/Profile.svelte"),
    },
    {
        ...me,
        path: "/settings/privacy",
        title: "settings.privacy",
        load: () => import("./screens/settings/Privacy.svelte"),
    },
    {
        ...me,
        path: "/settings/notifications",
        title: "settings.notifications",
        load: () => import("./screens/settings/NotificationSettings.svelte"),
    },
    {
        ...me,
        path: "/settings/look",
        title: "settings.look",
        load: () => import("./screens/settings/LookSettings.svelte"),
    },
    {
        ...me,
        path: "/settings/account",
        title: "settings.account",
        load: () => import("./screens/settings/AccountSettings.svelte"),
    },
    {
        ...me,
        path: "/settings/sessions",
        title: "settings.sessions",
        load: () => import("./screens/settings/Sessions.svelte"),
    },
    { ...me, path: "/settings/data", title: "settings.data", load: () => import("./screens/settings/Data.svelte") },
    { ...me, path: "/settings/audit", title: "settings.audit", load: () => import("./screens/settings/Audit.svelte") },
    {
        ...me,
        path: "/settings/blocked",
        title: "safety.blocked",
        load: () => import("./screens/safety/Blocked.svelte"),
    },
    { ...me, path: "/reports", title: "safety.reports", load: () => import("./screens/safety/Reports.svelte") },
    { ...me, path: "/standing", title: "safety.standing", load: () => import("./screens/safety/Standing.svelte") },
    {
        ...me,
        path: "/guidelines",
        title: "safety.guidelines",
        load: () => import("./screens/safety/Guidelines.svelte"),
    },

    {
        ...moderation,
        path: "/moderation",
        title: "moderation.overview_title",
        load: () => import("./screens/moderation/ModerationOverview.svelte"),
    },
    {
        ...moderation,
        path: "/moderation/queue",
        title: "moderation.queue_title",
        load: () => import("./screens/moderation/ModerationQueue.svelte"),
    },
    {
        ...moderation,
        path: "/moderation/appeals",
        title: "moderation.appeals_title",
        load: () => import("./screens/moderation/ModerationAppeals.svelte"),
    },
    {
        ...moderation,
        path: "/moderation/screening",
        title: "moderation.screening_title",
        load: () => import("./screens/moderation/ModerationScreening.svelte"),
    },
    {
        ...moderation,
        path: "/moderation/users/:id",
        title: "moderation.history",
        load: () => import("./screens/moderation/ModerationMember.svelte"),
    },

    { path: "/*", access: "anyone", title: "core.not_found", load: () => import("./screens/NotFound.svelte") },
];

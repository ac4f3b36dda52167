// The areas of the catalogues. English is the source language.
import type auth from "../../locales/en/auth.json";
import type core from "../../locales/en/core.json";
import type help from "../../locales/en/help.json";
import type messages from "../../locales/en/messages.json";
import type moderation from "../../locales/en/moderation.json";
import type notifications from "../../locales/en/notifications.json";
import type safety from "../../locales/en/safety.json";
import type settings from "../../locales/en/settings.json";

type Areas = {
    auth: typeof auth;
    core: typeof core;
    help: typeof help;
    messages: typeof messages;
    moderation: typeof moderation;
    notifications: typeof notifications;
    safety: typeof safety;
    settings: typeof settings;
};

export type Area = keyof Areas;
export type Key = { [A in Area]: keyof Areas[A] }[Area] & string;

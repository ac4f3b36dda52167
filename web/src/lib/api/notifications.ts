// Notifications, and the devices that get them.
import * as v from "valibot";

import { ask, nothing, pageOf } from "./client";
import { ParticipantRow } from "./schemas";

export const Notification = v.object({
    id: v.string(),
    type: v.string(),
    title: v.string(),
    body: v.string(),
    conversation: v.optional(v.string(), ""),
    message: v.optional(v.string(), ""),
    count: v.optional(v.number(), 0),
    read_at: v.string(),
    created_at: v.string(),
    updated_at: v.string(),
});
export type Notification = v.InferOutput<typeof Notification>;

const records = "/collections/notifications/records";

export const listNotifications = (page: number) =>
    ask(pageOf(Notification), "GET", records, { query: { sort: "-updated_at", page, perPage: 30 } });

/** Returns the number of unread notifications. */
export async function countUnread(): Promise<number> {
    const query = { filter: "read_at = ''", perPage: 1 };
    return (await ask(pageOf(Notification), "GET", records, { query })).totalPages;
}

export const readNotification = (id: string) =>
    ask(Notification, "PATCH", `${records}/${id}`, { body: { read_at: new Date().toISOString() } });

export const readAllNotifications = () => ask(nothing, "POST", "/notifications/read");

export const pushKey = () => ask(v.object({ key: v.string() }), "GET", "/push/key").then((a) => a.key);

export const Device = v.object({
    id: v.string(),
    endpoint: v.optional(v.string(), ""),
    user_agent: v.optional(v.string(), ""),
    created_at: v.optional(v.string(), ""),
    last_success_at: v.optional(v.string(), ""),
});
export type Device = v.InferOutput<typeof Device>;

export const listDevices = () =>
    ask(v.object({ subscriptions: v.array(Device) }), "GET", "/push/subscriptions").then((a) => a.subscriptions);

export const addDevice = (subscription: PushSubscriptionJSON) =>
    ask(v.object({ subscription: Device }), "POST", "/push/subscriptions", { body: subscription }).then(
        (a) => a.subscription,
    );

export const removeDevice = (id: string) => ask(nothing, "DELETE", `/push/subscriptions/${id}`);

const Tested = v.object({
    id: v.string(),
    user_agent: v.optional(v.string(), ""),
    status: v.string(),
    error: v.optional(v.string(), ""),
});
export type Tested = v.InferOutput<typeof Tested>;

/** Sends a test notification to each of the reader's devices, and returns the results. */
export const testDevices = () =>
    ask(v.object({ devices: v.array(Tested) }), "POST", "/push/test").then((a) => a.devices);

const Muted = v.object({ participant: ParticipantRow });

export const muteConversation = (id: string, span: "hour" | "day" | "forever") =>
    ask(Muted, "POST", `/conversations/${id}/mute`, { body: { for: span } }).then((a) => a.participant);

export const unmuteConversation = (id: string) =>
    ask(Muted, "DELETE", `/conversations/${id}/mute`).then((a) => a.participant);

export const fileToken = () => ask(v.object({ token: v.string() }), "POST", "/files/token").then((a) => a.token);

/** Returns the URL of a member's photo, which is valid as long as the token. */
export const photoAddress = (member: string, name: string, token: string) =>
    `/api/files/users/${member}/${name}?token=${token}`;

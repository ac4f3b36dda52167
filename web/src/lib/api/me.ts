// The reader's sessions and data.
import * as v from "valibot";

import { auth } from "./auth";
import { ask, nothing } from "./client";

const Sitting = v.object({
    id: v.string(),
    user_agent: v.string(),
    created_at: v.string(),
    last_used_at: v.string(),
    current: v.boolean(),
});
export type Sitting = v.InferOutput<typeof Sitting>;

export const sessions = () =>
    ask(v.object({ sessions: v.array(Sitting) }), "GET", "/me/sessions").then((a) => a.sessions);

export const endSession = (id: string) => ask(nothing, "DELETE", `/me/sessions/${id}`);
export const endAllSessions = () => ask(nothing, "DELETE", "/me/sessions");

const Export = v.object({
    id: v.string(),
    status: v.picklist(["running", "ready", "failed"]),
    progress: v.number(),
    expires_at: v.optional(v.string(), ""),
});
export type Export = v.InferOutput<typeof Export>;

const ExportAnswer = v.object({ export: Export });

export const askExport = () => ask(ExportAnswer, "POST", "/me/export").then((a) => a.export);
export const viewExport = (id: string) => ask(ExportAnswer, "GET", `/me/export/${id}`).then((a) => a.export);

/** Fetches the export with the token, which a plain link would not send. */
export async function downloadExport(id: string): Promise<Blob> {
    const response = await fetch(`/api/me/export/${id}/download`, { headers: { Authorization: auth.token } });
    if (!response.ok) throw new Error(`the download was answered ${response.status}`);
    return response.blob();
}

const Erasure = v.nullable(v.object({ erase_at: v.nullable(v.string()) }));

/** Returns when the account will be deleted, or "" if no deletion is planned. */
export const erasure = () => ask(Erasure, "GET", "/me/erase").then((a) => a?.erase_at ?? "");
export const askErasure = (password: string) =>
    ask(Erasure, "POST", "/me/erase", { body: { password } }).then((a) => a?.erase_at ?? "");
export const takeBackErasure = () => ask(nothing, "DELETE", "/me/erase");

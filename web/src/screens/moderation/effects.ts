// Lists the effects of a decision before it is applied.
import type { Case, Preview } from "../../lib/api/moderation";
import { longDate } from "../../lib/i18n/format";
import { type Key, type Params, t } from "../../lib/i18n/index.svelte";
import type { Action } from "./cases";

/** A decision and the member it is about. */
export interface Planned {
    action: Action;
    name: string;
    preview: Preview;
    /** The current trust score; undefined if the member is unknown. */
    trust?: number | undefined;
    /** The number of days; 0 for the usual length. */
    days?: number;
    /** The case, unless the member is restricted without one. */
    it?: Pick<Case, "kind" | "message" | "proposed" | "proposed_days">;
    /** The member's messages already need approval. */
    holdsAlready?: boolean;
    /** Another moderator proposed a ban, so this decision could confirm it. */
    mayBeSecond?: boolean;
}

type Effect = [key: Key, params?: Params];

/** The action for each level. */
const steps = { warning: "warn", limited: "limit", suspended: "suspend", banned: "ban" } as const;
export type Level = keyof typeof steps;
export const actionOf = (level: Level): Action => steps[level];

const strikes: readonly Action[] = ["warn", "limit", "suspend", "ban"];
const releases: readonly Action[] = ["approve", "pre_approve", "dismiss"];

/** Returns the action that is applied in the end: for `enforce` the next penalty step. */
const realOf = (action: Action, preview: Preview): Action =>
    action === "enforce" ? actionOf(preview.next_step) : action;

/** Returns the usual and longest length of an action in days, or null if it has none. A usual length of 0 has no end. */
export function lengthOf(action: Action | "", preview: Preview): { usual: number; most: number } | null {
    if (action === "limit" || action === "pre_approve") return { usual: preview.limited_days, most: 365 };
    if (action === "suspend") return { usual: preview.suspended_days, most: 365 };
    if (action === "ban") return { usual: 0, most: 3650 };
    return null;
}

/** Whether the member is notified and reads the note as the reason. */
export const isTold = ({ action, holdsAlready }: Pick<Planned, "action" | "holdsAlready">): boolean =>
    action === "pre_approve" ? !holdsAlready : !releases.includes(action);

/** Returns the effects of a decision, as catalogue keys with their values. */
export function effectsOf(planned: Planned, now = Date.now()): Effect[] {
    const { name, preview, it } = planned;
    const action = realOf(planned.action, preview);
    const effects: Effect[] = [[action === "pre_approve" && planned.holdsAlready ? holdsKey : key(action), { name }]];
    effects.push(...ofMessage(action, it, preview));
    const days = planned.days || lengthOf(action, preview)?.usual;
    if (days && isTold(planned)) {
        effects.push(["moderation.effect_until", { date: longDate(new Date(now + days * 86_400_000)) }]);
    }
    if (isTold(planned)) effects.push(["moderation.effect_told", { name }]);
    if (strikes.includes(action)) effects.push(trustEffect(planned));
    if (it?.kind === "report") effects.push(["moderation.effect_reporter"]);
    if (action === "ban") effects.push([isSecond(planned) ? "moderation.effect_seconds" : "moderation.effect_second"]);
    return effects;
}

export const sentences = (planned: Planned): string[] => effectsOf(planned).map(([which, params]) => t(which, params));

const holdsKey: Key = "moderation.effect_holds_already";
const key = (action: Action): Key => `moderation.effect_${action}` as Key;

/** Returns what happens to the message. A held message no longer waits once its case is decided. */
function ofMessage(action: Action, it: Planned["it"], preview: Preview): Effect[] {
    if (!it?.message) return [];
    if (action === "remove") return [["moderation.effect_destroyed", { count: preview.appeal_window_days }]];
    if (it.message.moderation_status !== "pending" || it.message.deleted) return [];
    if (releases.includes(action)) return [["moderation.effect_delivered"]];
    return action === "hide" ? [] : [["moderation.effect_not_delivered"]];
}

const trustEffect = ({ trust, preview }: Planned): Effect =>
    trust === undefined
        ? ["moderation.effect_trust", { to: preview.trust_score }]
        : ["moderation.effect_trust_from", { from: trust, to: preview.trust_score }];

/** Whether a decision confirms the proposed ban, which needs the same number of days. */
const isSecond = ({ it, days = 0, mayBeSecond }: Planned): boolean =>
    mayBeSecond === true && Boolean(it?.proposed) && it?.proposed_days === days;

/** Returns the effects of reversing a decision of the given level, as catalogue keys. */
export function overturns(level: string): Key[] {
    const effects: Key[] = ["moderation.overturn_only"];
    if (level === "hidden" || level === "removed") effects.push("moderation.overturn_message");
    if ((Object.keys(steps) as string[]).includes(level)) effects.push("moderation.overturn_trust");
    return [...effects, "moderation.overturn_told"];
}

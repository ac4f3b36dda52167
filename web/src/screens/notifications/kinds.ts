// The icon and the target of each type of notification.
import Bell from "@lucide/svelte/icons/bell";
import BellOff from "@lucide/svelte/icons/bell-off";
import HandHeart from "@lucide/svelte/icons/hand-heart";
import MessageCircle from "@lucide/svelte/icons/message-circle";
import Scale from "@lucide/svelte/icons/scale";
import ShieldCheck from "@lucide/svelte/icons/shield-check";
import UserRoundPlus from "@lucide/svelte/icons/user-round-plus";

import type { Notification } from "../../lib/api/notifications";

const icons: Record<string, typeof Bell> = {
    message: MessageCircle,
    request: UserRoundPlus,
    request_accepted: UserRoundPlus,
    message_approved: MessageCircle,
    help_request_update: HandHeart,
    report_resolved: ShieldCheck,
    moderation_case: ShieldCheck,
    moderation_question: ShieldCheck,
    penalty: Scale,
    penalty_lifted: Scale,
    appeal_decided: Scale,
    channel_failed: BellOff,
    push_key_changed: BellOff,
};

export const iconOf = (type: string) => icons[type] ?? Bell;

const places: Record<string, string> = {
    report_resolved: "/reports",
    moderation_question: "/reports",
    moderation_case: "/moderation/queue",
    penalty: "/standing",
    penalty_lifted: "/standing",
    appeal_decided: "/standing",
    channel_failed: "/settings/notifications",
    push_key_changed: "/settings/notifications",
};

/** Returns the path that a notification opens. */
export function leadsTo(n: Pick<Notification, "type" | "conversation">): string {
    return places[n.type] ?? (n.conversation ? `/messages/${n.conversation}` : "/notifications");
}

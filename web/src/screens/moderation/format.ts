// Dates and durations for moderators.
import type { Day } from "../../lib/api/moderation";
import { moment, number } from "../../lib/i18n/format";

/** Returns the day that 24 hours are named after: the day they end, so that the last one is today. */
export const dayOf = (day: Pick<Day, "from">) => new Date(moment(day.from).getTime() + 86_400_000);

/** Formats a duration in its largest unit: "45 min", "3.5 hr", "2 days". */
export function span(seconds: number): string {
    const steps: [string, number][] = [
        ["day", 86_400],
        ["hour", 3_600],
        ["minute", 60],
    ];
    const [unit, length] = steps.find(([, size]) => seconds >= size) ?? ["second", 1];
    const value = seconds / length;
    return number(value, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: value < 10 ? 1 : 0 });
}

// Lengths of time for moderators.
import { number } from "../../lib/i18n/format";

/** "45 min", "3.5 hr", "2 days": the largest unit that gives at least one. */
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

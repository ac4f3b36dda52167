// Formats dates and numbers in the reader's language.
import { words } from "./index.svelte";

/** Parses a time of the server, "2026-01-31 12:00:00.000Z". */
export const moment = (time: string): Date => new Date(time.replace(" ", "T"));

const cache = new Map<string, Intl.DateTimeFormat>();

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const key = words.language + JSON.stringify(options);
    let made = cache.get(key);
    if (!made) cache.set(key, (made = new Intl.DateTimeFormat(words.language, options)));
    return made;
}

/** 14:05 */
export const clock = (date: Date) => formatter({ hour: "numeric", minute: "2-digit" }).format(date);

/** 31 January 2026 */
export const longDate = (date: Date) => formatter({ dateStyle: "long" }).format(date);

/** 31 January 2026 at 14:05 */
export const dateAndTime = (date: Date) => formatter({ dateStyle: "long", timeStyle: "short" }).format(date);

/** Returns the number of calendar days between two times. */
export function daysBetween(earlier: Date, later: Date): number {
    const day = (d: Date) => Date.UTC(d.getFullYear(), d.getMonth(), d.getDate()) / 86_400_000;
    return day(later) - day(earlier);
}

/** For lists: the time today, the weekday within a week, otherwise the date. */
export function shortWhen(date: Date, now = new Date()): string {
    const days = daysBetween(date, now);
    if (days <= 0) return clock(date);
    if (days < 7) return formatter({ weekday: "short" }).format(date);
    if (date.getFullYear() === now.getFullYear()) return formatter({ day: "numeric", month: "short" }).format(date);
    return formatter({ day: "numeric", month: "numeric", year: "2-digit" }).format(date);
}

/** The heading of a day in a thread: "Today", "Yesterday", "Monday 2 March". It starts with a capital in every language. */
export function dayName(date: Date, now = new Date()): string {
    const name = nameOfDay(date, now);
    return name.charAt(0).toLocaleUpperCase(words.language) + name.slice(1);
}

function nameOfDay(date: Date, now: Date): string {
    const days = daysBetween(date, now);
    if (days < 2) {
        return new Intl.RelativeTimeFormat(words.language, { numeric: "auto" }).format(-Math.max(days, 0), "day");
    }
    const year = date.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
    return formatter({ weekday: "long", day: "numeric", month: "long", ...year }).format(date);
}

/** "3 hours ago", "in 2 days". */
export function ago(date: Date, now = new Date()): string {
    const seconds = Math.round((date.getTime() - now.getTime()) / 1000);
    const steps: [Intl.RelativeTimeFormatUnit, number][] = [
        ["day", 86_400],
        ["hour", 3_600],
        ["minute", 60],
    ];
    const format = new Intl.RelativeTimeFormat(words.language, { numeric: "auto" });
    for (const [unit, length] of steps) {
        if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit);
    }
    return format.format(0, "minute");
}

export const number = (value: number, options?: Intl.NumberFormatOptions) =>
    new Intl.NumberFormat(words.language, options).format(value);

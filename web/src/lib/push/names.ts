// Names a device after its user agent.
import { t } from "../i18n/index.svelte";

const browsers: [RegExp, string][] = [
    [/Edg\//, "Edge"],
    [/OPR\//, "Opera"],
    [/SamsungBrowser\//, "Samsung Internet"],
    [/Firefox\/|FxiOS\//, "Firefox"],
    [/Chrome\/|CriOS\//, "Chrome"],
    [/Safari\//, "Safari"],
];

const systems: [RegExp, string][] = [
    [/Android/, "Android"],
    [/iPhone/, "iPhone"],
    [/iPad/, "iPad"],
    [/Windows/, "Windows"],
    [/CrOS/, "ChromeOS"],
    [/Mac OS X/, "macOS"],
    [/Linux/, "Linux"],
];

/** Returns a name such as "Firefox, Android", or a general one if nothing is known. */
export function deviceName(userAgent: string): string {
    const first = (all: [RegExp, string][]) => all.find(([pattern]) => pattern.test(userAgent))?.[1];
    return [first(browsers), first(systems)].filter(Boolean).join(", ") || t("settings.device");
}

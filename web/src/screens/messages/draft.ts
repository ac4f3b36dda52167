// Checks a text before it is sent. Pure functions.

/** The maximum length of a message in visible characters. */
export const longest = 1000;

const segmenter = typeof Intl.Segmenter === "function" ? new Intl.Segmenter() : null;

/** Returns the number of visible characters. */
export function length(text: string): number {
    if (!segmenter || /^[\x20-\x7e\n]*$/.test(text)) return text.length;
    let count = 0;
    for (const _ of segmenter.segment(text)) count++; // eslint-disable-line @typescript-eslint/no-unused-vars
    return count;
}

export type Detail = "email" | "phone" | "account";

/** Finds likely personal details in a text, so that the client can ask before sending. The server checks more closely. */
export function detailsIn(text: string): Detail[] {
    const found: Detail[] = [];
    if (/[\w.+-]+@[\w-]+\.[\w.-]*\w/.test(text)) found.push("email");
    if (
        /\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){3,7}(?: ?[A-Z\d]{1,3})?\b/.test(text) ||
        /(?<!\d)(?:\d{4}[ -]?){3}\d{4}(?!\d)/.test(text)
    ) {
        found.push("account");
    } else if (hasPhone(text)) found.push("phone");
    return found;
}

/** Nine or more digits, formatted like a phone number and not like a date, time or price. */
function hasPhone(text: string): boolean {
    for (const [run] of text.matchAll(/(?<![\d.,])\+?\(?\d[\d ()./-]{7,}\d/g)) {
        const digits = run.replace(/\D/g, "").length;
        if (digits >= 9 && digits <= 15 && !/\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}/.test(run)) return true;
    }
    return false;
}

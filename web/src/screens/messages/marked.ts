/** A piece of a text, and whether it matched the search. */
export interface Stretch {
    text: string;
    marked: boolean;
}

/** Splits a text at the matches of a search. Invalid positions are ignored. */
export function marked(text: string, places: readonly (readonly number[])[]): Stretch[] {
    const parts: Stretch[] = [];
    let end = 0;
    for (const [from = 0, to = 0] of [...places].sort((a, b) => a[0]! - b[0]!)) {
        if (from < end || to <= from || to > text.length) continue;
        if (from > end) parts.push({ text: text.slice(end, from), marked: false });
        parts.push({ text: text.slice(from, to), marked: true });
        end = to;
    }
    if (end < text.length) parts.push({ text: text.slice(end), marked: false });
    return parts;
}

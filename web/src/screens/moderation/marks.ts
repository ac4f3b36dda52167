// Marks findings in a text. Pure functions.

export interface Part {
    text: string;
    found: boolean;
}

/** Splits a text at the findings. Overlapping findings are merged. */
export function marked(text: string, findings: readonly { start: number; end: number }[]): Part[] {
    const parts: Part[] = [];
    let at = 0;
    const add = (end: number, found: boolean) => {
        if (end <= at) return;
        const last = parts.at(-1);
        if (last?.found === found) last.text += text.slice(at, end);
        else parts.push({ text: text.slice(at, end), found });
        at = end;
    };
    for (const { start, end } of [...findings].sort((a, b) => a.start - b.start)) {
        add(start, false);
        add(end, true);
    }
    add(text.length, false);
    return parts;
}

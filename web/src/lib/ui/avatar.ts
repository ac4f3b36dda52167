/** Returns the initials of the first and last word. */
export function initials(name: string): string {
    const words = name.trim().split(/\s+/).filter(Boolean);
    const letters = words.length > 1 ? [words[0]!, words.at(-1)!] : words;
    return letters.map((word) => [...word][0]!.toLocaleUpperCase()).join("");
}

/** Returns one of four colours, always the same for the same id. */
export function shade(id: string): number {
    let sum = 0;
    for (const char of id) sum = (sum * 31 + char.codePointAt(0)!) % 9973;
    return sum % 4;
}

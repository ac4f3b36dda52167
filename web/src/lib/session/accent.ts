// Derives readable colours from any accent that a collective chooses.

type Rgb = [number, number, number];

function parse(hex: string): Rgb {
    const digits = /^#([0-9a-f]{6})$/i.exec(hex)?.[1];
    if (!digits) throw new Error(`${hex} is not a colour like #7a9e99`);
    return [0, 2, 4].map((i) => parseInt(digits.slice(i, i + 2), 16)) as Rgb;
}

const write = (rgb: Rgb) => `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;

function luminance(rgb: Rgb): number {
    const [r, g, b] = rgb.map((part) => {
        const share = part / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    }) as Rgb;
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Returns the WCAG contrast of two colours, 1 to 21. */
export function contrast(one: string, other: string): number {
    const [low, high] = [luminance(parse(one)), luminance(parse(other))].sort((a, b) => a - b) as [number, number];
    return (high + 0.05) / (low + 0.05);
}

/** Mixes in `share` of another colour. */
export function mix(colour: string, other: string, share: number): string {
    const [from, to] = [parse(colour), parse(other)];
    return write(from.map((part, i) => part + (to[i]! - part) * share) as Rgb);
}

/** Moves a colour towards `pole` until it has the required contrast with `against`. */
export function readable(colour: string, pole: string, against: string, wanted: number): string {
    for (let share = 0; share < 1; share += 0.02) {
        const tried = mix(colour, pole, share);
        if (contrast(tried, against) >= wanted) return tried;
    }
    return pole;
}

/** Returns the tokens that depend on the accent, for the light or dark theme. */
export function accentTokens(accent: string, dark: boolean): Record<string, string> {
    const ground = dark ? "#171c1b" : "#faf8f5";
    const ink = dark ? "#ffffff" : "#000000";
    const onAccent = dark ? "#10201d" : "#ffffff";
    const fill = readable(accent, ink, onAccent, 4.8);
    const soft = mix(ground, accent, dark ? 0.2 : 0.16);
    return {
        sage: accent,
        accent: readable(fill, ink, ground, 3.2),
        "accent-strong": mix(fill, ink, 0.15),
        "accent-soft": soft,
        "on-accent-soft": readable(accent, ink, soft, 7),
        link: readable(accent, ink, soft, 4.8),
        "bubble-own": dark ? readable(mix(accent, ground, 0.55), "#000000", "#f0f5f4", 5) : fill,
    };
}

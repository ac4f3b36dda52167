// Matches paths with routes. Pure functions.

/** The parameters of a path, such as the id in /messages/:id. */
export type Params = Record<string, string>;

/** Compares a path with a pattern such as /messages/:id, and returns its parameters, or null. */
export function match(pattern: string, path: string): Params | null {
    const wanted = parts(pattern);
    const given = parts(path);
    if (wanted.length !== given.length) return null;
    const params: Params = {};
    for (const [i, part] of wanted.entries()) {
        const value = given[i]!;
        if (part.startsWith(":")) params[part.slice(1)] = decode(value);
        else if (part !== value) return null;
    }
    return params;
}

const parts = (path: string) => path.split("/").filter(Boolean);

function decode(value: string): string {
    try {
        return decodeURIComponent(value);
    } catch {
        return value;
    }
}

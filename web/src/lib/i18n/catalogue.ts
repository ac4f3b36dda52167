// Catalogues of texts. Pure functions, so that they can be tested without a browser.

/** A text with {placeholders}, or one text for each plural form. */
export type Entry = string | Partial<Record<Intl.LDMLPluralRule, string>>;
export type Catalogue = Record<string, Entry>;
export type Params = Record<string, string | number>;

/** Fills in the placeholders of an entry. `count` selects the plural form and is formatted as a number. */
export function write(entry: Entry, language: string, params: Params = {}): string {
    const text = typeof entry === "string" ? entry : plural(entry, language, params);
    return text.replace(/\{(\w+)\}/g, (_, name: string) => {
        const value = params[name];
        return typeof value === "number" ? new Intl.NumberFormat(language).format(value) : (value ?? `{${name}}`);
    });
}

function plural(forms: Exclude<Entry, string>, language: string, params: Params): string {
    const form = new Intl.PluralRules(language).select(Number(params["count"] ?? 0));
    return forms[form] ?? forms.other ?? "";
}

// Loads the catalogues of texts by language and area, when a screen needs them.
import { type Catalogue, type Params, write } from "./catalogue";
import type { Area, Key } from "./keys";

export type { Params } from "./catalogue";
export type { Area, Key } from "./keys";

export const languages = { en: "English", es: "Español" } as const;
export type Language = keyof typeof languages;

const files = import.meta.glob<Catalogue>("../../locales/*/*.json", { import: "default" });

class Words {
    language = $state<Language>("en");
    #areas = new Set<Area>();
    #texts = $state.raw<Catalogue>({});

    /** Loads areas in the current language. */
    async load(...areas: Area[]): Promise<void> {
        const missing = areas.filter((area) => !this.#areas.has(area));
        if (missing.length === 0) return;
        const found = await Promise.all(missing.map((area) => fetchArea(this.language, area)));
        missing.forEach((area) => this.#areas.add(area));
        this.#texts = Object.assign({}, this.#texts, ...found);
    }

    /** Changes the language of everything on the screen. */
    async use(language: Language): Promise<void> {
        const areas = [...this.#areas];
        const found = await Promise.all(areas.map((area) => fetchArea(language, area)));
        this.#texts = Object.assign({}, ...found);
        this.language = language;
        document.documentElement.lang = language;
        document.documentElement.dir = direction(language);
    }

    /** Whether there is a text of that key among the areas that are ready. */
    has(key: string): key is Key {
        return key in this.#texts;
    }

    text(key: Key, params?: Params): string {
        const entry = this.#texts[key];
        return entry === undefined ? key : write(entry, this.language, params);
    }
}

function fetchArea(language: Language, area: Area): Promise<Catalogue> {
    const load = files[`../../locales/${language}/${area}.json`];
    if (!load) throw new Error(`there is no catalogue ${language}/${area}`);
    return load();
}

function direction(language: string): "ltr" | "rtl" {
    return /^(ar|fa|he|ur)\b/.test(language) ? "rtl" : "ltr";
}

/** Returns the first of the preferred languages that is available. */
export function choose(preferred: readonly string[]): Language {
    for (const one of preferred) {
        const [base] = one.toLowerCase().split("-");
        if (base && base in languages) return base as Language;
    }
    return "en";
}

export const words = new Words();

/** The text of a key in the reader's language. */
export const t = (key: Key, params?: Params): string => words.text(key, params);

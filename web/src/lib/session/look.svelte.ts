// How the client looks on this device. theme.js applies the same before the first paint, and follows the system's theme.
const place = "cc.look";

export interface Look {
    theme: "" | "light" | "dark";
    contrast: "" | "more";
    motion: "" | "less";
    /** The text size in percent of the browser's default. */
    text: number;
    /** "": the language of the account, or else of the browser. */
    lang: string;
    /** The page that the quick exit opens. */
    shelter: "wikipedia" | "weather" | "openstreetmap";
}

const plain: Look = { theme: "", contrast: "", motion: "", text: 100, lang: "", shelter: "wikipedia" };

class Wardrobe {
    it = $state<Look>(read());

    change(changes: Partial<Look>): void {
        this.it = { ...this.it, ...changes };
        localStorage.setItem(place, JSON.stringify(this.it));
        const root = document.documentElement;
        const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
        root.dataset["theme"] = this.it.theme || system;
        for (const name of ["contrast", "motion"] as const) {
            if (this.it[name]) root.dataset[name] = this.it[name];
            else root.removeAttribute(`data-${name}`);
        }
        root.style.fontSize = this.it.text === 100 ? "" : `${this.it.text}%`;
    }
}

function read(): Look {
    try {
        return { ...plain, ...JSON.parse(localStorage.getItem(place) ?? "{}") };
    } catch {
        return plain;
    }
}

export const look = new Wardrobe();

// Runs the work behind a button, a form or a screen, and holds what is shown of it.
import { explain as explainError } from "./api/errors";
import { toasts } from "./ui/toasts.svelte";

interface Options {
    /** Names the work, for components that show which of several buttons is busy. */
    name?: string;
    /** Returns the sentence to show for an error; "" if the component shows it in another way. */
    explain?: (error: unknown) => string;
}

export class Attempt {
    /** The name of the work that is running, or "". */
    busy = $state("");
    /** Why the last work failed, as a sentence, or "". */
    wrong = $state("");
    readonly #where: "here" | "toast";

    /** `toast` shows failures as toasts; otherwise the component shows `wrong`. */
    constructor(where: "here" | "toast" = "here") {
        this.#where = where;
    }

    /** Runs the work and reports whether it succeeded. */
    async run(work: () => Promise<unknown>, { name = "work", explain = explainError }: Options = {}): Promise<boolean> {
        this.busy = name;
        this.wrong = "";
        try {
            await work();
            return true;
        } catch (error) {
            const sentence = explain(error);
            if (this.#where === "here") this.wrong = sentence;
            else if (sentence) toasts.show(sentence, { look: "danger" });
            return false;
        } finally {
            this.busy = "";
        }
    }
}

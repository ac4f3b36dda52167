// Short messages that disappear. Anything important must also be shown elsewhere.
export interface Toast {
    id: number;
    text: string;
    look: "plain" | "danger";
    action?: { label: string; run: () => void } | undefined;
}

class Toasts {
    all = $state<Toast[]>([]);
    #next = 1;

    /** Shows a text for a while, longer if it has an action. A lasting one stays until it is closed. */
    show(text: string, options: { look?: Toast["look"]; action?: Toast["action"]; lasting?: boolean } = {}): void {
        const toast: Toast = { id: this.#next++, text, look: options.look ?? "plain", action: options.action };
        const others = this.all.filter((other) => other.text !== text); // a repeated text is shown once
        this.all = [...others.slice(-2), toast];
        if (!options.lasting) setTimeout(() => this.close(toast.id), toast.action ? 10_000 : 5_000);
    }

    close(id: number): void {
        this.all = this.all.filter((toast) => toast.id !== id);
    }
}

export const toasts = new Toasts();

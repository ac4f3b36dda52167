// Short messages that come and go. Nothing that must be read may be only here.
export interface Toast {
    id: number;
    text: string;
    look: "plain" | "danger";
    action?: { label: string; run: () => void } | undefined;
}

class Toasts {
    all = $state<Toast[]>([]);
    #next = 1;

    /** Shows a text for a while; longer if there is something to do about it, until then if it is lasting. */
    show(text: string, options: { look?: Toast["look"]; action?: Toast["action"]; lasting?: boolean } = {}): void {
        const toast: Toast = { id: this.#next++, text, look: options.look ?? "plain", action: options.action };
        const others = this.all.filter((other) => other.text !== text); // said again, it stands there once
        this.all = [...others.slice(-2), toast];
        if (!options.lasting) setTimeout(() => this.close(toast.id), toast.action ? 10_000 : 5_000);
    }

    close(id: number): void {
        this.all = this.all.filter((toast) => toast.id !== id);
    }
}

export const toasts = new Toasts();

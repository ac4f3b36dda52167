// Who or what is being reported. The dialog stands in the shell, so that every screen can open it.
import type { Subject } from "../api/safety";

export interface Reported {
    subject: Subject;
    id: string;
    /** Who is reported, as far as that is known: for the offer to block them, too. */
    member?: { id: string; name: string };
    /** What is to happen once it is reported. */
    ondone?: () => void;
}

class Reporting {
    now = $state.raw<Reported | null>(null);

    /** Opens the dialog. */
    ask(reported: Reported): void {
        this.now = reported;
    }

    close(): void {
        this.now = null;
    }
}

export const reporting = new Reporting();

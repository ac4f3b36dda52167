// What is being reported. The dialog is part of the shell, so that every screen can open it.
import type { Subject } from "../api/safety";

export interface Reported {
    subject: Subject;
    id: string;
    /** The reported member, if known, so that the dialog can offer to block them. */
    member?: { id: string; name: string };
    /** Called once the report was sent. */
    ondone?: () => void;
}

class Reporting {
    now = $state.raw<Reported | null>(null);

    /** Opens the report dialog. */
    ask(reported: Reported): void {
        this.now = reported;
    }

    close(): void {
        this.now = null;
    }
}

export const reporting = new Reporting();

// What went wrong, in a shape that can be stored; the service worker knows it, too.

/** An answer that says no, or that there was none. */
export interface Failure {
    /** 0: no answer came. */
    status: number;
    /** data.policy.code, or the code of the first wrong field, or "". */
    code: string;
    /** The codes of the wrong fields, by name. */
    fields: Record<string, string>;
    /** The server's own sentence. */
    message: string;
    /** Seconds to wait, when it was too fast; 0 where the server did not say. */
    wait: number;
}

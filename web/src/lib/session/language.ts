// The language of this client and that of the account, which the server writes notifications and mails in.
import { changeProfile } from "../api/accounts";
import { choose, type Language, words } from "../i18n/index.svelte";
import { look } from "./look.svelte";
import { session } from "./session.svelte";

/** Whether the account is to take the language that this client speaks: it has none, or another one was chosen here. */
export function isToStore(stored: string, chosenHere: string, spoken: Language): boolean {
    if (!stored) return true;
    return chosenHere !== "" && stored.toLowerCase().split("-")[0] !== spoken;
}

/** After signing in, client and server speak one language: the one chosen on this device, else the account's, else the browser's. */
export async function agreeOnLanguage(): Promise<void> {
    const account = session.account;
    if (!account) return;
    const spoken = choose([look.it.lang, account.language ?? "", ...navigator.languages]);
    if (spoken !== words.language) await words.use(spoken);
    if (!isToStore(account.language, look.it.lang, spoken)) return;
    // Where this fails, it is tried again at the next start.
    await changeProfile(account.id, { language: spoken }).then(
        (changed) => session.id === changed.id && session.update(changed),
        () => undefined,
    );
}

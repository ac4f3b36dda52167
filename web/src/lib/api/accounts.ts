// Accounts: registration, sign-in, and the reader's profile.
import * as v from "valibot";

import { auth } from "./auth";
import { ask, nothing } from "./client";
import { Account, Collective, Guidelines, Member, Preferences } from "./schemas";

const users = "/collections/users";

export const collective = () => ask(Collective, "GET", "/collective");

export interface Registration {
    name: string;
    email: string;
    password: string;
    location?: string;
    invitation?: string;
    language?: string;
    time_zone?: string;
}

/** Creates an account. With a mail server the answer is empty, and the address has to be confirmed first. */
export async function register(body: Registration): Promise<"ready" | "confirm"> {
    const made = await ask(nothing, "POST", `${users}/records`, { body: { ...body, passwordConfirm: body.password } });
    return made && typeof made === "object" && "id" in made ? "ready" : "confirm";
}

const SignedIn = v.object({ token: v.string(), record: Account });

export async function signIn(identity: string, password: string): Promise<Account> {
    const answer = await ask(SignedIn, "POST", `${users}/auth-with-password`, { body: { identity, password } });
    return keep(answer);
}

/** Renews the token. Returns null if the member signed out meanwhile. */
export async function refresh(): Promise<Account | null> {
    const answer = await ask(SignedIn, "POST", `${users}/auth-refresh`);
    return auth.record?.id === answer.record.id ? keep(answer) : null;
}

function keep({ token, record }: v.InferOutput<typeof SignedIn>): Account {
    auth.save(token, { ...record, collectionId: "_pb_users_auth_", collectionName: "users" });
    return record;
}

export const askReset = (email: string) => ask(nothing, "POST", `${users}/request-password-reset`, { body: { email } });

export const confirmReset = (token: string, password: string) =>
    ask(nothing, "POST", `${users}/confirm-password-reset`, { body: { token, password, passwordConfirm: password } });

export const askVerification = (email: string) =>
    ask(nothing, "POST", `${users}/request-verification`, { body: { email } });

export const confirmVerification = (token: string) =>
    ask(nothing, "POST", `${users}/confirm-verification`, { body: { token } });

export const askEmailChange = (newEmail: string) =>
    ask(nothing, "POST", `${users}/request-email-change`, { body: { newEmail } });

export const confirmEmailChange = (token: string, password: string) =>
    ask(nothing, "POST", `${users}/confirm-email-change`, { body: { token, password } });

export const viewMember = (id: string) => ask(Member, "GET", `${users}/records/${id}`);

export const changeProfile = (id: string, body: Partial<Account> | FormData) =>
    ask(Account, "PATCH", `${users}/records/${id}`, { body });

export const changePassword = (id: string, oldPassword: string, password: string) =>
    ask(nothing, "PATCH", `${users}/records/${id}`, { body: { oldPassword, password, passwordConfirm: password } });

const GuidelinesAnswer = v.object({ guidelines: Guidelines });

export const guidelines = () => ask(GuidelinesAnswer, "GET", "/messaging/guidelines").then((a) => a.guidelines);

export const acceptGuidelines = (version: number) =>
    ask(GuidelinesAnswer, "POST", "/messaging/guidelines/accept", { body: { version } }).then((a) => a.guidelines);

const PreferencesAnswer = v.object({ preferences: Preferences });

export const preferences = () => ask(PreferencesAnswer, "GET", "/messaging/preferences").then((a) => a.preferences);

export const changePreferences = (body: Partial<Preferences>) =>
    ask(PreferencesAnswer, "PUT", "/messaging/preferences", { body }).then((a) => a.preferences);

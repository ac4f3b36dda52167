import { expect, test } from "vitest";

import { Attempt } from "./attempt.svelte";
import { Refusal } from "./api/client";
import { toasts } from "./ui/toasts.svelte";

const fails = (error: unknown) => () => Promise.reject(error);

test("names the work while it runs, and reports that it succeeded", async () => {
    const attempt = new Attempt();
    let during = "";
    const succeeded = await attempt.run(async () => (during = attempt.busy), { name: "save" });
    expect([during, attempt.busy, succeeded]).toEqual(["save", "", true]);
});

test("explains a failure, and forgets it when the work starts again", async () => {
    const attempt = new Attempt();
    expect(await attempt.run(fails(new Refusal(0, {})))).toBe(false);
    expect(attempt.wrong).toBe("error.offline");
    await attempt.run(() => Promise.resolve());
    expect(attempt.wrong).toBe("");
});

test("shows a failure as a toast if it was made to", async () => {
    const attempt = new Attempt("toast");
    await attempt.run(fails(new Refusal(404, {})));
    expect(attempt.wrong).toBe("");
    expect(toasts.all.map((toast) => toast.text)).toEqual(["error.gone"]);
});

test("shows the sentence of the component, and no toast for an empty one", async () => {
    const here = new Attempt();
    await here.run(fails(new Error("x")), { explain: () => "Choose another." });
    expect(here.wrong).toBe("Choose another.");
    const before = toasts.all.length;
    await new Attempt("toast").run(fails(new Error("x")), { explain: () => "" });
    expect(toasts.all).toHaveLength(before);
});

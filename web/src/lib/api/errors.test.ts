import { beforeAll, describe, expect, test } from "vitest";

import { words } from "../i18n/index.svelte";
import { Refusal } from "./client";
import { explain } from "./errors";

const refused = (data: Record<string, unknown>, message = "The server's own sentence.") =>
    new Refusal(400, { status: 400, message, data });

describe("a refusal is explained", () => {
    beforeAll(async () => {
        await words.load("core");
        await words.use("es");
    });

    test("in the reader's language", () => {
        expect(explain(refused({ avatar: { code: "file_type" } }))).toMatch(/^Este tipo de archivo/);
    });

    test("with the field's own sentence, where there is one", () => {
        const general = explain(refused({ title: { code: "validation_invalid_value" } }));
        const own = explain(refused({ version: { code: "validation_invalid_value" } }));
        expect(general).toMatch(/^Este valor/);
        expect(own).toMatch(/^Las normas cambiaron/);
    });

    test("in the server's words, where the code is not known", () => {
        expect(explain(refused({ title: { code: "some_new_code" } }))).toBe("The server's own sentence.");
        expect(explain(refused({}))).toBe("The server's own sentence.");
    });
});

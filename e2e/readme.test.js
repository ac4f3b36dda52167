// Runs the examples of the README as printed, each on a fresh server.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { promisify } from "node:util";

import { startServer } from "./server.js";

const run = promisify(execFile);
const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");

test("the example with curl", async (t) => {
    const printed = await runExample(t, "sh", "curl", ["bash", "-euo", "pipefail", "-c"]);
    assert.match(printed, /"title":"Somebody to fetch my groceries"/);
});

test("the example with the SDK", async (t) => {
    const printed = await runExample(t, "js", "pocketbase", ["node", "--input-type=module", "-e"]);
    assert.equal(printed, "Ben: I can go on Thursday. When suits you?\nAmara: At ten. Thank you!\n");
});

/** Runs the first code block in a language that contains a text, against a server of its own. */
async function runExample(t, language, mentions, [command, ...args]) {
    const blocks = [...readme.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "gs"))];
    const example = blocks.map((block) => block[1]).find((text) => text.includes(mentions));
    assert.ok(example?.includes("http://127.0.0.1:8090"), `the README has no ${language} example with ${mentions}`);
    const server = await startServer();
    t.after(() => server.stop());
    const { stdout } = await run(command, [...args, example.replaceAll("http://127.0.0.1:8090", server.url)], {
        cwd: import.meta.dirname,
        timeout: 60_000,
    });
    return stdout;
}
